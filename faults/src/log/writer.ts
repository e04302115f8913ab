import { closeSync, openSync, writeSync } from 'node:fs'
import type { FaultEvent } from './events.ts'

/** The two files of a stage: exchanges come by the thousand and are only read at the end. */
export interface LogFiles {
  readonly events: string
  readonly exchanges: string
}

/** Appends events: one synchronous O_APPEND write each, so that what was written before a kill is there. */
export interface EventWriter {
  write(event: FaultEvent): void
  close(): void
}

/** The line break in front closes what a killed writer may have left half written. */
const line = (event: FaultEvent): string => `\n${JSON.stringify(event)}\n`

/** Opens (and creates) both files for appending. */
export function openWriter(files: LogFiles): EventWriter {
  const events = openSync(files.events, 'a')
  const exchanges = openSync(files.exchanges, 'a')
  return {
    write: event => void writeSync(event.kind === 'exchange' ? exchanges : events, line(event)),
    close: () => {
      closeSync(events)
      closeSync(exchanges)
    },
  }
}
