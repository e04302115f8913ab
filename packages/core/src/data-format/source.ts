import { DromedaryError, messageOf } from '../errors.ts'
import { typeName } from '../exchange/converters.ts'

/** A body that a data format cannot read or write. */
export const formatError = (format: string, problem: string, cause?: unknown): DromedaryError =>
  new DromedaryError('DROMEDARY_DATA_FORMAT', `${format}: ${problem}`, cause === undefined ? {} : { cause })

const strict = new TextDecoder('utf-8', { fatal: true })

/** The text of a body: a text, or bytes that are UTF-8. `maxLength` in characters, or bytes. */
export function textOf(format: string, body: unknown, maxLength: number): string {
  if (typeof body === 'string') {
    if (body.length > maxLength) throw tooLong(format, body.length, maxLength)
    return body
  }
  const bytes = bytesOrUndefined(body)
  if (bytes === undefined) throw formatError(format, `a body of type ${typeName(body)} is neither text nor bytes`)
  if (bytes.byteLength > maxLength) throw tooLong(format, bytes.byteLength, maxLength)
  try {
    return strict.decode(bytes)
  } catch (cause) {
    throw formatError(format, `the bytes are not UTF-8: ${messageOf(cause)}`, cause)
  }
}

/** The bytes of a body: bytes, or a text as UTF-8. */
export function bytesOf(format: string, body: unknown): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : bytesOrUndefined(body)
  if (bytes !== undefined) return bytes
  throw formatError(format, `a body of type ${typeName(body)} is neither text nor bytes`)
}

function bytesOrUndefined(body: unknown): Uint8Array | undefined {
  if (body instanceof Uint8Array) return body
  return body instanceof ArrayBuffer ? new Uint8Array(body) : undefined
}

export const tooLong = (format: string, length: number, limit: number): DromedaryError =>
  formatError(format, `the body has a length of ${length}; the limit is ${limit}`)
