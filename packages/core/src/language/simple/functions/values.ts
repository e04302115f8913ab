import { didYouMean } from '../../../uri/suggest.ts'
import type { LanguageContext } from '../../language.ts'
import type { SimpleFunction } from '../function.ts'
import { wholeArgument, wordArgument } from './arguments.ts'

const EMPTY: ReadonlyMap<string, () => unknown> = new Map<string, () => unknown>([
  ['list', () => []],
  ['map', () => ({})],
  ['string', () => ''],
  ['set', () => new Set()],
])

/** 16 bytes of the context's randomness; version and variant as RFC 9562 wants them for version 4. */
function randomBytes(context: LanguageContext): Buffer {
  const bytes = Buffer.alloc(16)
  for (let at = 0; at < 16; at++) bytes[at] = Math.floor(context.random() * 256)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes
}

const withDashes = (context: LanguageContext): string =>
  randomBytes(context)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** Camel's kinds. All of them are random here: 36 characters, 32 for `simple`, 22 for `short`. */
const UUIDS: ReadonlyMap<string, (context: LanguageContext) => string> = new Map([
  ['default', withDashes],
  ['random', withDashes],
  ['classic', withDashes],
  ['simple', (context: LanguageContext) => randomBytes(context).toString('hex')],
  ['short', (context: LanguageContext) => randomBytes(context).toString('base64url')],
])

/** Values that come from nowhere. */
export const VALUE_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  random: {
    usage: 'random(max) or random(min,max)',
    args: [1, 2],
    compile: (node, scope) => {
      const hasLeast = node.args?.length === 2
      const least = wholeArgument(node, 0, scope)
      const most = hasLeast ? wholeArgument(node, 1, scope) : least
      return exchange => {
        const from = hasLeast ? least(exchange) : 0
        const to = most(exchange)
        if (to <= from) throw scope.failed(`random needs an upper bound above ${from}, which ${to} is not`)
        return from + Math.floor(scope.context.random() * (to - from))
      }
    },
  },
  uuid: {
    usage: 'uuid(kind)',
    args: [0, 1],
    compile: (node, scope) => {
      const kind = wordArgument(node, 0, scope, 'default')
      const make = UUIDS.get(kind)
      if (make === undefined) throw scope.invalid(node.at, `unknown kind ${kind}${didYouMean(kind, UUIDS.keys())}`)
      return () => make(scope.context)
    },
  },
  empty: {
    usage: 'empty(list), empty(map), empty(set) or empty(string)',
    args: [1, 1],
    compile: (node, scope) => {
      const kind = wordArgument(node, 0, scope, '')
      const make = EMPTY.get(kind)
      if (make === undefined) throw scope.invalid(node.at, `unknown kind ${kind}${didYouMean(kind, EMPTY.keys())}`)
      return make
    },
  },
}
