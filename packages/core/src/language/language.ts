import type { Clock } from '../clock.ts'
import type { TypeConverters } from '../exchange/converters.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { LanguageRegistry } from './registry.ts'

/** Works out a value from an exchange. Throws what its functions throw. */
export type Expression = (exchange: Exchange) => unknown

/** Works out whether something holds. */
export type Predicate = (exchange: Exchange) => boolean

/** What expressions may use of the place where they stand. */
export interface LanguageContext {
  readonly contextName: string
  /** The route in which the expression stands; empty outside of one. */
  readonly routeId: string
  /** The group of that route, where it has one. */
  readonly routeGroup?: string
  /** Languages by name; without it those that core brings along. */
  readonly languages?: LanguageRegistry
  readonly clock: Clock
  readonly converters: TypeConverters
  /** Between 0 and 1, 1 excluded. */
  random(): number
  /** A property of the context; undefined where it is missing. */
  property(key: string): string | undefined
  /** A bean of the context; undefined where it is missing. */
  lookup(name: string): unknown
}

/**
 * Whether a value counts as true: not null, undefined or false, not the text `false` or a blank one, not an empty list,
 * set or map; 0 is true. Camel: `ObjectHelper.evaluateValuePredicate`.
 */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (value === null || value === undefined) return false
  if (typeof value === 'string') {
    const text = value.trim()
    return text !== '' && text.toLowerCase() !== 'false'
  }
  if (Array.isArray(value)) return value.length > 0
  return value instanceof Set || value instanceof Map ? value.size > 0 : true
}
