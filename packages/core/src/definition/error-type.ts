import type { Exchange } from '../exchange/exchange.ts'

/**
 * Which failures a clause is for: those of a class and its subclasses (`TypeError`), those whose `code` is this text
 * (`'DROMEDARY_NO_CONSUMER'`, `'ECONNREFUSED'`), or those for which a function says so.
 */
export type ErrorType = ErrorClass | string | ErrorTest

// biome-ignore lint/suspicious/noExplicitAny: what it is made of does not matter
export type ErrorClass = abstract new (...args: any[]) => unknown

/** Asked synchronously, of each error in the chain of causes. */
export type ErrorTest = (error: unknown, exchange: Exchange) => boolean

/** Tells a class from a function that is to be asked. */
export function isErrorClass(type: ErrorClass | ErrorTest): type is ErrorClass {
  const { prototype } = type as { readonly prototype?: unknown }
  if (prototype === undefined) return false
  return type === Error || prototype instanceof Error || /^class\b/.test(Function.prototype.toString.call(type))
}
