import { isDromedaryError, messageOf } from './errors.ts'
import type { LogRecord } from './logger.ts'

/**
 * Makes the formatter of text lines, in the shape of Camel Quarkus:
 * `2026-11-22 23:04:24,123 INFO  [clustered] (Dromedary (leader-election) - timer://clustered) Clustered route …`.
 * Local time; `wallMs` is milliseconds since 1970. Line breaks and control characters are escaped, so that data cannot
 * forge a line. Fields are for machines: the message says it all. No line end at the end.
 */
export function textLines(): (record: LogRecord, wallMs: number) => string {
  const time = timestamps()
  return (record, wallMs) => {
    const level = record.level.toUpperCase().padEnd(5)
    return `${time(wallMs)} ${level} [${oneLine(record.category)}] (${place(record)}) ${text(record)}`
  }
}

function place(record: LogRecord): string {
  const context = record.context === undefined ? 'Dromedary' : `Dromedary (${oneLine(record.context)})`
  return record.origin === undefined ? context : `${context} - ${oneLine(record.origin)}`
}

/** A mistake of the user's is one line with its code; anything unexpected brings its stack. */
function text({ message, error }: LogRecord): string {
  if (error === undefined) return oneLine(message)
  if (isDromedaryError(error)) {
    const reason = messageOf(error)
    // A message that ends with the reason says it once.
    const before = message.endsWith(reason) ? message.slice(0, -reason.length) : message && `${message}: `
    return oneLine(`${before}${error.code}: ${reason}`)
  }
  return `${oneLine(message || messageOf(error))}\n${stack(error)}`
}

function stack(error: unknown): string {
  const lines: string[] = []
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 10; depth++) {
    const [first, ...rest] = stackOf(at).split('\n')
    lines.push(`${depth === 0 ? '' : 'Caused by: '}${first}`, ...rest)
    at = at instanceof Error ? at.cause : undefined
  }
  // Indented, so that no line of it can be taken for a record.
  return lines.map(line => `\t${oneLine(line.replace(/^\t/, ''))}`).join('\n')
}

/** Anything can be thrown: a line must not be lost because that cannot be turned into text. */
function stackOf(error: unknown): string {
  try {
    return String(error instanceof Error ? (error.stack ?? messageOf(error)) : error)
  } catch {
    return messageOf(error)
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g

function oneLine(message: string): string {
  return message.replaceAll(CONTROL, character => {
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** `2026-11-22 23:04:24,123`; everything before the comma is made once a second. */
function timestamps(): (now: number) => string {
  let second = Number.NaN
  let prefix = ''
  return now => {
    const of = Math.floor(now / 1_000)
    if (of !== second) {
      second = of
      const t = new Date(of * 1_000)
      const two = (n: number) => String(n).padStart(2, '0')
      const day = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`
      prefix = `${day} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`
    }
    return `${prefix},${String(Math.floor(now - of * 1_000)).padStart(3, '0')}`
  }
}
