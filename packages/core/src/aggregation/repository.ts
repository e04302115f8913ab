import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'

/**
 * Keeps the groups of one `aggregate` step that are not complete, by correlation key. All calls may be asynchronous; those
 * for one key never overlap. The group carries its size and time-out as properties (`CamelAggregatedSize`,
 * `CamelAggregatedTimeout`): what stores an exchange elsewhere has to keep those, the body and the headers.
 * Camel: AggregationRepository.
 */
export interface AggregationRepository {
  /** The group so far; undefined for none. */
  get(key: string): Exchange | undefined | PromiseLike<Exchange | undefined>
  /**
   * Keeps the group. `old` is what {@link get} gave, for repositories that several members write to: throw
   * `DROMEDARY_OPTIMISTIC_LOCK` where it is not the newest any more, and `optimisticLocking` tries again.
   */
  add(key: string, group: Exchange, old: Exchange | undefined): void | PromiseLike<void>
  /** The group is complete and about to be handed on; one that survives crashes keeps it until {@link confirm}. May throw as {@link add}. */
  remove(key: string, group: Exchange): void | PromiseLike<void>
  /** The group was handed on, and its steps have ended without a failure; or it was discarded. */
  confirm?(key: string, group: Exchange): void | PromiseLike<void>
  /** Of the groups that are not complete: forced completion, intervals, and what is found at start go through them. */
  keys(): Iterable<string> | PromiseLike<Iterable<string>>
  /** Before the route starts. */
  start?(): void | PromiseLike<void>
  /** After the route stopped. */
  stop?(): void | PromiseLike<void>
}

/**
 * The default: groups live in memory, and end with the route. `optimisticLocking`: refuses what is not up to date
 * (`DROMEDARY_OPTIMISTIC_LOCK`), for steps that share it; default false.
 */
export const memoryAggregationRepository = (
  options: { readonly optimisticLocking?: boolean } = {},
): AggregationRepository => new MemoryAggregationRepository(options)

export class MemoryAggregationRepository implements AggregationRepository {
  readonly #groups = new Map<string, Exchange>()
  readonly #locks: boolean

  constructor(options: { readonly optimisticLocking?: boolean } = {}) {
    this.#locks = options.optimisticLocking ?? false
  }

  get(key: string): Exchange | undefined {
    return this.#groups.get(key)
  }

  add(key: string, group: Exchange, old?: Exchange): void {
    this.#check(key, old)
    this.#groups.set(key, group)
  }

  remove(key: string, group: Exchange): void {
    this.#check(key, group)
    this.#groups.delete(key)
  }

  /** In the order in which groups began. */
  keys(): string[] {
    return [...this.#groups.keys()]
  }

  stop(): void {
    this.#groups.clear()
  }

  #check(key: string, old: Exchange | undefined): void {
    if (!this.#locks || this.#groups.get(key) === old) return
    const message = `the group ${key.slice(0, 100)} was changed at the same time`
    throw new DromedaryError('DROMEDARY_OPTIMISTIC_LOCK', message)
  }
}
