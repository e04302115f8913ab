import { writeSync } from 'node:fs'
import { isDromedaryError } from './errors.ts'
import type { LogRecord, LogSink } from './logger.ts'

/**
 * Text lines on standard output, from level info on: what a context logs to when it is given nothing else. Written at
 * once, so nothing is lost when the process is killed.
 */
export const consoleSink: LogSink = {
  isEnabled: level => level !== 'trace' && level !== 'debug',
  write: record => {
    const line = `${textLine(record, new Date())}\n`
    try {
      writeSync(1, line)
    } catch {
      // A full or closed pipe must not end a route.
      process.stdout.write(line)
    }
  },
}

/** `2026-11-22 23:04:24,123 INFO  [category] (Dromedary (context) - timer://name) message`, one line but for a stack trace. */
export function textLine(record: LogRecord, at: Date): string {
  const time = localTime(at)
  const place = [record.context && `Dromedary (${record.context})`, record.origin].filter(Boolean).join(' - ')
  const head = `${time} ${record.level.toUpperCase().padEnd(5)} [${record.category}]${place && ` (${place})`}`
  const fields = record.fields === undefined ? '' : ` ${JSON.stringify(record.fields)}`
  return `${head} ${oneLine(record.message)}${fields}${stackOf(record.error)}`
}

/** Line ends in a message would let data forge log lines. */
const oneLine = (text: string) => text.replaceAll('\r', '\\r').replaceAll('\n', '\\n')

/** A DromedaryError says all in its message; anything else is unexpected, and its place matters. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error) || isDromedaryError(error) || error.stack === undefined) return ''
  return `\n${error.stack}`
}

function localTime(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return `${day} ${time},${String(at.getMilliseconds()).padStart(3, '0')}`
}
