import { writeSync } from 'node:fs'
import { systemClock } from './clock.ts'
import type { LogSink } from './logger.ts'
import { textLines } from './text-lines.ts'

const line = textLines()

/**
 * Text lines on standard output, from level info on: what a context logs to when it is given nothing else. Written at
 * once, so nothing is lost when the process is killed.
 */
export const consoleSink: LogSink = {
  isEnabled: level => level !== 'trace' && level !== 'debug',
  write: record => {
    const text = `${line(record, systemClock.now())}\n`
    try {
      writeSync(1, text)
    } catch {
      // A full or closed pipe must not end a route.
      process.stdout.write(text)
    }
  },
}
