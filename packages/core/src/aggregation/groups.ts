import type { AggregateStep } from '../definition/gathering-steps.ts'
import { messageOf } from '../errors.ts'
import type { Exchange, ExchangeGuard } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import { chain } from '../runtime/thenable.ts'
import { ClosedKeys, type CompletedBy } from './completion.ts'
import { Deadlines } from './deadlines.ts'
import type { FinishedGroup, FinishedGroupsPlan } from './finished-groups.ts'
import { Keepers } from './keepers.ts'
import { KeyLock, lockOf } from './key-lock.ts'

export type Later<T> = T | PromiseLike<T>

/** What happens to groups by time and by leadership. */
export interface GroupEvents {
  expired(keys: readonly string[]): void
  /** The leadership under which groups stand is about to be handed over. */
  drain(guard: ExchangeGuard): void
}

/** The groups of one `aggregate` that are not complete: the repository, and all that hangs on a key. */
export class Groups {
  readonly #plan: FinishedGroupsPlan
  readonly #step: AggregateStep
  readonly #lock: KeyLock
  readonly #deadlines: Deadlines
  readonly #closed: ClosedKeys
  readonly #keepers: Keepers | undefined
  /** All that work on the repository: what one takes out, none waits for any more. */
  readonly #company: Set<Groups>
  #gone: (() => void) | undefined
  #stopped = false

  constructor(plan: FinishedGroupsPlan, step: AggregateStep, events: GroupEvents) {
    this.#plan = plan
    this.#step = step
    // A route and the one that takes its place may work on one repository side by side. With optimistic locking it sees to
    // that itself.
    this.#lock = step.optimisticLocking ? new KeyLock() : lockOf(plan.repository)
    this.#company = companyOf(plan.repository)
    this.#deadlines = new Deadlines(plan.at.clock, events.expired)
    this.#closed = new ClosedKeys(step.closeCorrelationKeyOnCompletion)
    const keeps = step.forceCompletionOnStop || step.completeAllOnStop
    this.#keepers = keeps ? new Keepers(events.drain) : undefined
  }

  isClosed(key: string): boolean {
    return this.#closed.has(key)
  }

  /** Whether it waits for its time-out; one that has passed does not count. */
  isWaiting(key: string): boolean {
    return this.#deadlines.has(key)
  }

  async keys(): Promise<string[]> {
    return [...(await this.#plan.repository.keys())]
  }

  /** Calls for one key never overlap. */
  locked<T>(key: string, work: (group: Exchange | undefined) => Later<T>): Later<T> {
    return this.#lock.run(key, () => chain(this.#plan.repository.get(key), work))
  }

  /** `old`: the group as it came out of the repository. */
  keep(key: string, group: Exchange, old: Exchange | undefined, timeout: number | undefined): Later<void> {
    if (timeout !== undefined) group.setProperty(NAMES.aggregatedTimeout, timeout)
    return chain(this.#plan.repository.add(key, group, old) as Later<void>, () => {
      this.#track(key, group, timeout)
      if (this.#company.size > 1) this.#tellOthers(key, group, timeout)
    })
  }

  /** Takes a complete group out. Nothing comes back where it is to be dropped. */
  finish(key: string, group: Exchange, old: Exchange | undefined, reason: CompletedBy): Later<FinishedGroup[]> {
    const { repository } = this.#plan
    group.setProperty(NAMES.aggregatedCompletedBy, reason).setProperty(NAMES.aggregatedCorrelationKey, key)
    const removed = old === undefined ? undefined : repository.remove(key, old)
    return chain(removed as Later<void>, () => {
      const taken = this.#untrackedByAll(key)
      this.#closed.add(key)
      if (reason !== 'timeout') return [{ key, group, taken }]
      this.#tellTimeout(group)
      if (!this.#step.discardOnCompletionTimeout) return [{ key, group, taken }]
      taken()
      this.#plan.at.log.debug(`the group ${key.slice(0, 100)} was not complete in time and is discarded`)
      return chain(repository.confirm?.(key, group) as Later<void>, () => [])
    })
  }

  /** Drops a group. */
  discard(key: string, group: Exchange): Later<void> {
    const { repository } = this.#plan
    this.#untrackedByAll(key)()
    return chain(repository.remove(key, group) as Later<void>, () => repository.confirm?.(key, group) as Later<void>)
  }

  /** This member has nothing to do with the group any more: in memory that is its end, elsewhere another one goes on. */
  forget(key: string, group: Exchange): Later<void> {
    this.#untrack(key)()
    return this.#plan.repository.confirm === undefined ? this.#plan.repository.remove(key, group) : undefined
  }

  /** Groups that somebody else left wait as long again. Under the leadership of this exchange, where there is one. */
  async restore(exchange?: Exchange): Promise<void> {
    for (const key of await this.keys()) {
      // Exchanges may come meanwhile, and complete it.
      await this.locked(key, group => {
        if (group === undefined) return
        if (exchange !== undefined) standUnder(group, exchange)
        const timeout = Number(group.getProperty(NAMES.aggregatedTimeout) ?? 0)
        this.#track(key, group, timeout > 0 && !this.isWaiting(key) ? timeout : undefined)
      })
    }
  }

  /** Resolves when no group is left, or when all of it is over. */
  async emptied(): Promise<void> {
    this.#stopped = false
    while (!this.#stopped) {
      // Before the look: a group may end while the repository answers.
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#gone = resolve
      if ((await this.keys()).length === 0) return
      await promise
    }
  }

  start(): void {
    this.#company.add(this)
  }

  /** Nothing happens by time any more. */
  stop(): void {
    this.#company.delete(this)
    this.#deadlines.clear()
    this.#keepers?.clear()
    this.#stopped = true
    this.#gone?.()
  }

  /** The group is out of the repository by now: it goes on whatever the strategy throws. */
  #tellTimeout(group: Exchange): void {
    const { strategy, at } = this.#plan
    try {
      strategy.timeout?.(group, -1, -1, Number(group.getProperty(NAMES.aggregatedTimeout) ?? -1))
    } catch (error) {
      at.log.warn(
        `the timeout of the aggregation strategy of ${at.stepId} failed, and is ignored: ${messageOf(error)}`,
        {
          error,
        },
      )
    }
  }

  #track(key: string, group: Exchange, timeout: number | undefined): void {
    if (timeout !== undefined) this.#deadlines.set(key, timeout)
    this.#keepers?.keep(key, group)
  }

  /** It has another exchange: whoever waits for it waits from now on, and under the leadership of that. */
  #tellOthers(key: string, group: Exchange, timeout: number | undefined): void {
    for (const other of this.#company) {
      if (other === this) continue
      if (timeout !== undefined && other.isWaiting(key)) other.#deadlines.set(key, timeout)
      if (other.#keepers?.has(key)) other.#keepers.keep(key, group)
    }
  }

  #untrackedByAll(key: string): () => void {
    const own = this.#untrack(key)
    const others = [...this.#company].filter(other => other !== this).map(other => other.#untrack(key))
    if (others.length === 0) return own
    return () => {
      for (const taken of [own, ...others]) taken()
    }
  }

  /** What it returns is called when nobody has to wait for the group any more. */
  #untrack(key: string): () => void {
    this.#deadlines.delete(key)
    const letGo = this.#keepers?.letGo(key)
    return () => {
      letGo?.()
      this.#gone?.()
    }
  }
}

/** By repository, those that have started. */
const companies = new WeakMap<object, Set<Groups>>()

function companyOf(repository: object): Set<Groups> {
  const company = companies.get(repository) ?? new Set()
  companies.set(repository, company)
  return company
}

/** The group is of the leadership and the term of its newest exchange. */
export function standUnder(group: Exchange, exchange: Exchange): void {
  group.guard = exchange.guard
  group.signal = exchange.signal
  const term = exchange.getProperty(NAMES.clusterTerm)
  if (term !== undefined) group.setProperty(NAMES.clusterTerm, term)
}
