import { messageOf } from '../errors.ts'
import type { DataFormat } from './data-format.ts'
import { bytesOf, formatError } from './source.ts'

/** Loaded by whoever uses it, and no other. */
const zlib = () => process.getBuiltinModule('node:zlib')

/** Short bodies are not worth a thread. */
const SYNCHRONOUS_BYTES = 16 * 1024

/** gzip. Takes texts (as UTF-8) and bytes, gives a Buffer. `maxLength`: longest result of `unmarshal`, in bytes; default 64 MiB. */
export function gzip(options: { readonly maxLength?: number } = {}): DataFormat<Buffer> {
  const limits = { maxOutputLength: options.maxLength ?? 64 * 1024 * 1024 }
  const unreadable = (cause: unknown) => formatError('gzip', `the body cannot be read: ${messageOf(cause)}`, cause)
  return {
    name: 'gzip',
    marshal(_, value) {
      const bytes = bytesOf('gzip', value)
      if (bytes.byteLength <= SYNCHRONOUS_BYTES) return zlib().gzipSync(bytes)
      return new Promise((resolve, reject) =>
        zlib().gzip(bytes, (error, done) => (error ? reject(error) : resolve(done))),
      )
    },
    unmarshal(_, body) {
      const bytes = bytesOf('gzip', body)
      return new Promise((resolve, reject) =>
        zlib().gunzip(bytes, limits, (error, done) => (error ? reject(unreadable(error)) : resolve(done))),
      )
    },
  }
}
