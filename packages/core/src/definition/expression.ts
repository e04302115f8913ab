import { DromedaryError } from '../errors.ts'
import { typeName } from '../exchange/converters.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { isSensitive } from '../uri/mask.ts'

/** How a value is worked out from an exchange: a language and its text, or a function. Frozen plain data. */
export type ExpressionDefinition =
  /** Text in a language: `simple`, `header`, `exchangeProperty`, `variable`. */
  | { readonly language: string; readonly expression: string }
  /** A value that is always the same. */
  | { readonly language: 'constant'; readonly value: unknown }
  /** The body as it is. */
  | { readonly language: 'body' }
  /** TypeScript. Not serialisable; prints as `function`. */
  | { readonly language: 'function'; readonly fn: (exchange: Exchange) => unknown }

/** Simple, Camel's expression language: `Hello ${body} from ${header.who}`. A plain string in an expression's place means this. */
export const simple = (text: string): ExpressionDefinition => Object.freeze({ language: 'simple', expression: text })

/** Always this value. */
export const constant = <const V>(value: V): { readonly language: 'constant'; readonly value: V } =>
  Object.freeze({ language: 'constant', value })

/** The value of a header. */
export const header = (name: string): ExpressionDefinition => Object.freeze({ language: 'header', expression: name })

/** The value of an exchange property. */
export const exchangeProperty = (name: string): ExpressionDefinition =>
  Object.freeze({ language: 'exchangeProperty', expression: name })

/** The value of a variable: `name`, `global:name`, `route:id:name`. */
export const variable = (name: string): ExpressionDefinition =>
  Object.freeze({ language: 'variable', expression: name })

/** The body as it is. */
export const body = (): { readonly language: 'body' } => Object.freeze({ language: 'body' })

/**
 * What a verb takes for an expression, in the one form of definitions: a string is Simple, a function is TypeScript. `what`
 * takes it. Throws `DROMEDARY_INVALID_OPTION` for what is none, such as a value that `constant` was forgotten around.
 */
export function toExpression(what: string, from: unknown): ExpressionDefinition {
  if (typeof from === 'string') return simple(from)
  if (typeof from === 'function') {
    return Object.freeze({ language: 'function', fn: from as (exchange: Exchange) => unknown })
  }
  if (isExpression(from)) return from
  const written = isSensitive(what) ? undefined : asWritten(from)
  const message = `${what}: ${written ?? `a value of type ${typeName(from)}`} is no expression: write constant(${written ?? '…'}), a text (Simple) or a function`
  throw new DromedaryError('DROMEDARY_INVALID_OPTION', message)
}

const isExpression = (from: unknown): from is ExpressionDefinition =>
  typeof from === 'object' && from !== null && 'language' in from && typeof from.language === 'string'

/** Of an object nothing is shown but its type: there may be secrets in it. */
function asWritten(value: unknown): string | undefined {
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : undefined
}
