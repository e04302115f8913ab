import type { LineEncoding } from './encodings.ts'

/** What ends a line. */
export interface Delimiter {
  /** At least one byte. */
  readonly bytes: Buffer
  /** A carriage return before it belongs to it. */
  readonly carriageReturn: boolean
  /** What is written behind a line that is sent. */
  readonly text: string
}

/** `LINE` (line feed, with or without carriage return), `NULL` (a zero byte), or the text itself. */
export function delimiter(written: string, encoding: LineEncoding): Delimiter {
  const isLine = written === 'LINE'
  const text = isLine ? '\n' : written === 'NULL' ? '\0' : written
  return { bytes: Buffer.from(text, encoding), carriageReturn: isLine, text }
}
