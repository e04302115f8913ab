import type { Clock } from '../clock.ts'
import type { TypeConverters } from '../exchange/converters.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** Works out a value from an exchange. Throws what its functions throw. */
export type Expression = (exchange: Exchange) => unknown

/** Works out whether something holds. */
export type Predicate = (exchange: Exchange) => boolean

/** What expressions may use of the place where they stand. */
export interface LanguageContext {
  readonly contextName: string
  /** The route in which the expression stands; empty outside of one. */
  readonly routeId: string
  readonly clock: Clock
  readonly converters: TypeConverters
  /** Between 0 and 1, 1 excluded. */
  random(): number
  /** A property of the context; undefined where it is missing. */
  property(key: string): string | undefined
  /** A bean of the context; undefined where it is missing. */
  lookup(name: string): unknown
}

/** Null, undefined and false are false, anything else is true, as in Camel. */
export const isTruthy = (value: unknown): boolean => value !== null && value !== undefined && value !== false
