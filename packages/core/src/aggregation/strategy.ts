import type { Exchange } from '../exchange/exchange.ts'

/**
 * Puts one more exchange to what has come together so far. `old` is undefined for the first one; the result is `old`
 * of the next call. Usually it is `old`, changed, or `next` for the first: then nothing is copied. It may be asynchronous.
 * `next.exception` is set where `next` failed. What it throws fails the step (`aggregate`, `split`).
 */
export type Aggregate<R = unknown> = (
  old: Exchange | undefined,
  next: Exchange,
) => Exchange<R> | PromiseLike<Exchange<R>>

/** An {@link Aggregate} that also looks at the rest. Camel: AggregationStrategy; a bare function is one as well. */
export interface AggregationHooks<R = unknown> {
  readonly aggregate: Aggregate<R>
  /** Aggregate only: the group so far is complete, and `next` begins a new one. Not called for the first of a group. */
  preComplete?(old: Exchange, next: Exchange): boolean
  /** All that there is has come together: called once, with the result. */
  onCompletion?(exchange: Exchange): void
  /**
   * Split and the like: the part `index` came too late; `total` is -1 where it is not known. Aggregate: the group is
   * complete because nothing more came; index and total are -1. `timeout` in milliseconds.
   */
  timeout?(old: Exchange | undefined, index: number, total: number, timeout: number): void
  /** Aggregate with `optimisticLocking`: another member was quicker; the exchange is aggregated again. */
  onOptimisticLockFailure?(old: Exchange | undefined, next: Exchange): void
}

/** How exchanges come together. `R` is the type of the body that comes out. */
export type AggregationStrategy<R = unknown> = Aggregate<R> | AggregationHooks<R>

/** The form with hooks of either. */
export const hooksOf = (strategy: AggregationStrategy): AggregationHooks =>
  typeof strategy === 'function' ? { aggregate: strategy } : strategy
