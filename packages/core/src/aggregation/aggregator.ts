import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import { andThen, chain } from '../runtime/thenable.ts'
import { type CompletedBy, takeSignal } from './completion.ts'
import { type FinishedGroup, FinishedGroups } from './finished-groups.ts'
import { Groups, type Later } from './groups.ts'
import { lockRetry } from './lock-retry.ts'
import { type Put, type PutPlan, putter } from './put.ts'

/** Puts exchanges to the groups of one `aggregate` step, and hands groups on when they are complete. */
export class Aggregator {
  readonly groups: Groups
  readonly #plan: PutPlan
  readonly #where: string
  readonly #finished: FinishedGroups
  readonly #put: (key: string, exchange: Exchange) => Later<Put>

  constructor(plan: PutPlan) {
    this.#plan = plan
    const { at, step } = plan
    this.#where = `${at.stepId} in route ${at.routeId}`
    this.#finished = new FinishedGroups(plan)
    this.groups = new Groups(plan, step, {
      // While others were handed on it may have got another exchange, or be a new one: that waits anew.
      expired: keys => void this.complete(keys, 'timeout', (_, key) => !this.groups.isWaiting(key)),
      drain: guard => {
        // One that has ended brings nothing more that could complete them: they are dropped.
        const waits = !step.forceCompletionOnStop && guard.isValid()
        if (!waits) void this.completeAll('force', group => group.guard === guard)
      },
    })
    const put = putter(plan, this.groups, finished => void this.#finished.handOn(finished))
    const retry = step.optimisticLocking ? lockRetry(step.optimisticLockRetryPolicy, at) : undefined
    this.#put = retry === undefined ? put : (key, exchange) => retry(() => put(key, exchange), exchange.signal)
  }

  /** Puts a copy of the exchange to its group; what is returned waits for the groups that it completes. */
  take(exchange: Exchange, correlation: (exchange: Exchange) => unknown): Later<void> {
    if (takeSignal(exchange, NAMES.aggregationCompleteAllGroups)) return this.completeAll('force')
    const isLast = takeSignal(exchange, NAMES.aggregationCompleteAllGroupsInclusive)
    return chain(correlation(exchange), value => {
      const key = value === null || value === undefined ? '' : String(value)
      const taken = key === '' ? this.#withoutKey(exchange) : this.#take(exchange, key)
      return isLast ? andThen(taken, () => this.completeAll('force')) : taken
    })
  }

  /** Completes all groups, or some. Never rejects. */
  async completeAll(reason: CompletedBy, which?: (group: Exchange) => boolean): Promise<void> {
    try {
      await this.complete(await this.groups.keys(), reason, which)
    } catch (error) {
      this.#notListed(error)
    }
  }

  /**
   * Completes these groups, one after the other. One of a leadership that has ended is dropped: its sends would be
   * refused, and a later term has not put it together. Never rejects.
   */
  async complete(
    keys: Iterable<string>,
    reason: CompletedBy,
    which: (group: Exchange, key: string) => boolean = () => true,
  ): Promise<void> {
    let dropped = 0
    for (const key of keys) {
      try {
        const finished = await this.groups.locked<readonly FinishedGroup[]>(key, group => {
          if (group === undefined || !which(group, key)) return []
          if (group.guard?.isValid() !== false) return this.groups.finish(key, group, group, reason)
          dropped++
          return chain(this.groups.forget(key, group), () => [])
        })
        // No exchange waits for these: a chain of calls from route to route has ended before them.
        for (const { group } of finished) group.openCalls = 0
        await this.#finished.handOn(finished)
      } catch (error) {
        this.#plan.at.log.error(`the group ${key.slice(0, 100)} at ${this.#where} cannot be completed`, { error })
      }
    }
    if (dropped === 0) return
    const what = `${dropped} ${dropped === 1 ? 'group' : 'groups'} at ${this.#where}`
    this.#plan.at.log.warn(`dropped ${what}: the leadership under which it was put together has ended`)
  }

  #take(exchange: Exchange, key: string): Later<void> {
    if (this.groups.isClosed(key)) throw this.#refused(`The correlation key [${key.slice(0, 100)}] has been closed`)
    return chain(this.#put(key, exchange), ({ finished, others, reason }) => {
      if (others === undefined || reason === undefined) return this.#finished.handOn(finished)
      const keys = others === 'all' ? this.groups.keys().then(all => all.filter(other => other !== key)) : others
      return Promise.resolve(keys)
        .then(
          list => this.complete(list, reason),
          error => this.#notListed(error),
        )
        .then(() => this.#finished.handOn(finished))
    })
  }

  #notListed(error: unknown): void {
    this.#plan.at.log.error(`the groups at ${this.#where} cannot be listed`, { error })
  }

  #withoutKey(exchange: Exchange): void {
    if (!this.#plan.step.ignoreInvalidCorrelationKeys)
      throw this.#refused('Invalid correlation key: it is missing or empty')
    this.#plan.at.log.debug(`exchange ${exchange.id} has no correlation key and is left out at ${this.#where}`)
  }

  #refused(what: string): DromedaryError {
    return new DromedaryError('DROMEDARY_AGGREGATION_FAILED', `${what}, at ${this.#where}`)
  }
}
