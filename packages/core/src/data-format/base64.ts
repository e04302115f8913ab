import type { DataFormat } from './data-format.ts'
import { bytesOf, formatError, textOf } from './source.ts'

/**
 * Base64, in one line. `marshal` takes texts (as UTF-8) and bytes and gives a text; `unmarshal` gives a Buffer, and takes
 * both alphabets, blanks and line ends.
 */
export function base64(options: { readonly urlSafe?: boolean; readonly maxLength?: number } = {}): DataFormat<Buffer> {
  const { urlSafe = false, maxLength = 64 * 1024 * 1024 } = options
  return {
    name: 'base64',
    marshal(_, value) {
      const { buffer, byteOffset, byteLength } = bytesOf('base64', value)
      return Buffer.from(buffer, byteOffset, byteLength).toString(urlSafe ? 'base64url' : 'base64')
    },
    unmarshal(_, body) {
      const text = textOf('base64', body, maxLength)
      const wrong = text.search(/[^A-Za-z0-9+/_=\s-]/)
      if (wrong >= 0) throw formatError('base64', `the character at position ${wrong} is not Base64`)
      return Buffer.from(text, 'base64')
    },
  }
}
