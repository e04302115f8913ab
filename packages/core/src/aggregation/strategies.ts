import type { Exchange } from '../exchange/exchange.ts'
import type { Aggregate, AggregationHooks, AggregationStrategy } from './strategy.ts'

/** The first failure stays, whatever comes after it: none is lost because a later exchange was fine. */
function keepFailure<R>(result: Exchange, other: Exchange): Exchange<R> {
  if (other.failed && !result.failed) result.fail(other.exception)
  return result as Exchange<R>
}

/** The newest exchange. Default of most patterns. Camel: UseLatestAggregationStrategy. */
export const useLatest = (): Aggregate => (old, next) => {
  if (old?.failed) next.fail(old.exception)
  return next
}

/** What {@link useOriginal} makes; `split` knows it, and leaves its exchange as it was. */
export interface UseOriginal extends AggregationHooks {
  /** Whether the first failure of a part fails the exchange. */
  readonly propagateException: boolean
}

/**
 * The exchange as it was before it was split; in `aggregate`, the first of the group. Default of `split`.
 * Camel: UseOriginalAggregationStrategy.
 */
export const useOriginal = (options: { readonly propagateException?: boolean } = {}): UseOriginal => ({
  propagateException: options.propagateException ?? true,
  aggregate: (old, next) => (old === undefined ? next : keepFailure(old, next)),
})

export const isUseOriginal = (strategy: AggregationStrategy): strategy is UseOriginal =>
  'propagateException' in strategy

/** A list in the body of the first exchange. */
const grouped =
  <T>(of: (exchange: Exchange) => T): Aggregate<T[]> =>
  (old, next) => {
    if (old !== undefined) {
      ;(old.body as T[]).push(of(next))
      return keepFailure(old, next)
    }
    // What goes into the list must not be what the list is put into.
    next.body = [of(next)]
    return next as Exchange<T[]>
  }

/** The body becomes the list of all bodies. Camel: GroupedBodyAggregationStrategy. */
export const groupedBody = <T = unknown>(): Aggregate<T[]> => grouped(exchange => exchange.body as T)

/** The body becomes the list of all exchanges, as they came. Camel: GroupedExchangeAggregationStrategy. */
export const groupedExchange = (): Aggregate<Exchange[]> => grouped(exchange => exchange.copy())

/** The body becomes the list of all messages, as they came. Camel: GroupedMessageAggregationStrategy. */
export const groupedMessage = (): Aggregate<Exchange['message'][]> => grouped(exchange => exchange.message.copy())

/**
 * The body becomes one text of all bodies, with `delimiter` (default: nothing) between them. A body without a text counts
 * as empty. Camel: StringAggregationStrategy.
 */
export const stringJoin =
  (delimiter = ''): Aggregate<string> =>
  (old, next) => {
    const text = next.message.getBody('string') ?? ''
    if (old === undefined) {
      next.body = text
      return next as Exchange<string>
    }
    old.body = `${old.body}${delimiter}${text}`
    return keepFailure(old, next)
  }

export interface FlexibleOptions<T> {
  /** What is taken of an exchange; its body by default. */
  pick?(exchange: Exchange): T
  /** Which exchanges count; all by default. */
  condition?(exchange: Exchange): boolean
  /** All values as a list or set, or (the default) the newest alone. */
  readonly accumulate?: 'list' | 'set'
  /** `body` (the default), `header:name` or `property:name`. */
  readonly storeIn?: 'body' | `header:${string}` | `property:${string}`
}

/** Takes something of each exchange and keeps it, or all of it, somewhere. Camel: FlexibleAggregationStrategy. */
export function flexible<T = unknown>(options: FlexibleOptions<T> = {}): Aggregate {
  const { pick = exchange => exchange.body as T, condition = () => true, accumulate, storeIn = 'body' } = options
  const store = storeAt(storeIn)
  return (old, next) => {
    const into = old ?? next
    const counts = condition(next)
    const value = counts ? pick(next) : undefined
    if (old === undefined && accumulate !== undefined) store.put(into, accumulate === 'set' ? new Set() : [])
    if (counts) {
      const kept = accumulate === undefined ? undefined : store.get(into)
      if (Array.isArray(kept)) kept.push(value)
      else if (kept instanceof Set) kept.add(value)
      else store.put(into, value)
    } else if (old === undefined && accumulate === undefined) store.put(into, undefined)
    return keepFailure(into, next)
  }
}

interface Store {
  get(exchange: Exchange): unknown
  put(exchange: Exchange, value: unknown): unknown
}

function storeAt(place: string): Store {
  const name = place.slice(place.indexOf(':') + 1)
  if (place.startsWith('header:')) {
    return { get: ({ message }) => message.header(name), put: ({ message }, value) => message.setHeader(name, value) }
  }
  if (place.startsWith('property:')) {
    return { get: exchange => exchange.getProperty(name), put: (exchange, value) => exchange.setProperty(name, value) }
  }
  return {
    get: exchange => exchange.body,
    put: (exchange, value) => {
      exchange.body = value
    },
  }
}
