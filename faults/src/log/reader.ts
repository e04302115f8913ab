import { closeSync, type FSWatcher, openSync, readFileSync, readSync, watch } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { FaultEvent } from './events.ts'

/** The events of a text. A line that a killed writer left half written is no event. */
export function parseEvents(text: string): FaultEvent[] {
  const events: FaultEvent[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    try {
      events.push(JSON.parse(line) as FaultEvent)
    } catch {
      // Torn: its writer was killed in the middle, before anything relied on it.
    }
  }
  return events
}

/** Everything in a log file. */
export const readEvents = (file: string): FaultEvent[] => parseEvents(readFileSync(file, 'utf8'))

/** How often the file is looked at where the system's own notification does not come. */
const POLL_MS = 20

/** Follows a log file while members write it. */
export class EventTail {
  readonly #descriptor: number
  readonly #watcher: FSWatcher
  readonly #timer: NodeJS.Timeout
  readonly #decoder = new StringDecoder('utf8')
  readonly #buffer = Buffer.alloc(64 * 1024)
  readonly #onEvent: (event: FaultEvent) => void
  #rest = ''

  constructor(file: string, onEvent: (event: FaultEvent) => void) {
    this.#onEvent = onEvent
    this.#descriptor = openSync(file, 'r')
    this.#watcher = watch(file, () => this.read())
    this.#timer = setInterval(() => this.read(), POLL_MS)
  }

  /** Takes in what was appended since. */
  read(): void {
    let text = this.#rest
    for (;;) {
      const length = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, null)
      if (length === 0) break
      text += this.#decoder.write(this.#buffer.subarray(0, length))
    }
    const end = text.lastIndexOf('\n') + 1
    this.#rest = text.slice(end)
    for (const event of parseEvents(text.slice(0, end))) this.#onEvent(event)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#watcher.close()
    closeSync(this.#descriptor)
  }
}
