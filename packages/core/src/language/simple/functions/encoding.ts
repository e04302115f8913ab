import { createHash } from 'node:crypto'
import { didYouMean } from '../../../uri/suggest.ts'
import type { SimpleFunction } from '../function.ts'
import { prettyText } from '../pretty.ts'
import { argumentOrBody, wordArgument } from './arguments.ts'

/** Java's names of digests. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['SHA-256', 'sha256'],
  ['SHA3-256', 'sha3-256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
  ['SHA-1', 'sha1'],
  ['MD5', 'md5'],
])

const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined

/** Bytes stay the bytes they are; everything else is taken as text in UTF-8. */
const bytesOf = (value: unknown, text: (value: unknown) => string): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from(text(value))

function toJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return inner.toString()
    return inner instanceof Map ? Object.fromEntries(inner) : inner instanceof Set ? [...inner] : inner
  })
}

/** Digests, base64, JSON and the like, of the argument or the body. */
export const ENCODING_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  hash: {
    usage: 'hash(exp,algorithm)',
    args: [0, 2],
    compile: (node, scope) => {
      const read = argumentOrBody(node, 0, scope)
      const name = wordArgument(node, 1, scope, 'SHA-256')
      const digest = DIGESTS.get(name)
      if (digest === undefined)
        throw scope.invalid(node.at, `unknown algorithm ${name}${didYouMean(name, DIGESTS.keys())}`)
      return exchange => {
        const value = read(exchange)
        if (isMissing(value)) return undefined
        return createHash(digest)
          .update(bytesOf(value, scope.text.bind(scope)))
          .digest('hex')
      }
    },
  },
  base64Encode: {
    usage: 'base64Encode(exp)',
    args: [0, 1],
    compile: (node, scope) => {
      const read = argumentOrBody(node, 0, scope)
      return exchange => {
        const value = read(exchange)
        return isMissing(value) ? undefined : Buffer.from(bytesOf(value, scope.text.bind(scope))).toString('base64')
      }
    },
  },
  base64Decode: {
    usage: 'base64Decode(exp)',
    args: [0, 1],
    compile: (node, scope) => {
      const read = argumentOrBody(node, 0, scope)
      return exchange => {
        const value = read(exchange)
        return isMissing(value) ? undefined : Buffer.from(scope.text(value), 'base64')
      }
    },
  },
  toJson: {
    usage: 'toJson(exp)',
    args: [0, 1],
    compile: (node, scope) => {
      const read = argumentOrBody(node, 0, scope)
      return exchange => {
        const value = read(exchange)
        if (isMissing(value) || typeof value === 'string') return value
        try {
          return toJson(value)
        } catch (cause) {
          throw scope.failed('the value cannot be written as JSON', cause)
        }
      }
    },
  },
  pretty: {
    usage: 'pretty(exp)',
    args: [0, 1],
    compile: (node, scope) => {
      const read = argumentOrBody(node, 0, scope)
      return exchange => {
        const value = read(exchange)
        return isMissing(value) ? undefined : prettyText(scope.text(value))
      }
    },
  },
}
