import { messageOf } from '../../errors.ts'
import { type TypeConverters, typeName } from '../../exchange/converters.ts'

/** No character takes more bytes than this in UTF-8. */
const BYTES_PER_CHARACTER = 4

/**
 * A body or header as text. Of bytes no more than `maxChars` needs is decoded; a stream is named and not read. Never
 * throws: a value without a text is shown by its type.
 */
export function showValue(value: unknown, converters: TypeConverters, maxChars = 0): string {
  if (value === null || value === undefined) return 'null'
  if (isStream(value)) return `[${typeName(value)}, not read]`
  const cut =
    value instanceof Uint8Array && maxChars > 0 ? value.subarray(0, (maxChars + 1) * BYTES_PER_CHARACTER) : value
  try {
    return converters.convert(cut, 'string') ?? `[${typeName(value)}]`
  } catch (error) {
    return `[${typeName(value)}, whose text failed: ${messageOf(error)}]`
  }
}

/** What can be read only once: Node's streams, the web's, and whatever else is iterated asynchronously. */
function isStream(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
