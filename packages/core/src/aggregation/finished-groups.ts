import type { StepCompiler } from '../eip/eip.ts'
import { isCalledOff } from '../error-handling/called-off.ts'
import { messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import { andThen } from '../runtime/thenable.ts'
import type { AggregationRepository } from './repository.ts'
import type { AggregationHooks } from './strategy.ts'

/** A group that was taken out of its repository. */
export interface FinishedGroup {
  readonly key: string
  readonly group: Exchange
  /** To be called once it runs: until then whoever waits for groups waits for this one. */
  readonly taken: () => void
}

export interface FinishedGroupsPlan {
  readonly at: StepCompiler
  readonly steps: Processor
  readonly strategy: AggregationHooks
  readonly repository: AggregationRepository
  readonly parallelProcessing: boolean
  readonly poolSize: number
}

/** Runs the steps of an `aggregate` for groups that are complete. */
export class FinishedGroups {
  readonly #plan: FinishedGroupsPlan
  readonly #run: Processor
  #running = 0

  constructor(plan: FinishedGroupsPlan) {
    this.#plan = plan
    this.#run = group => {
      plan.strategy.onCompletion?.(group)
      return plan.steps(group)
    }
  }

  /**
   * One after the other; what is returned is what their sender waits for: their end, or with `parallelProcessing` only
   * as many as are too many. Never throws or rejects: a failure is not the sender's.
   */
  handOn(groups: readonly FinishedGroup[], from = 0): void | Promise<void> {
    for (let at = from; at < groups.length; at++) {
      const pending = this.#handOn(groups[at] as FinishedGroup)
      if (pending !== undefined) return pending.then(() => this.handOn(groups, at + 1))
    }
  }

  #handOn({ key, group, taken }: FinishedGroup): void | Promise<void> {
    const { at, parallelProcessing, poolSize } = this.#plan
    const running = at.detached(group, this.#run)
    taken()
    const ended = andThen(running, () => this.#ended(key, group)) as void | Promise<void>
    if (ended === undefined || !parallelProcessing) return ended
    this.#running++
    const isFull = this.#running > poolSize
    const counted = ended.then(() => {
      this.#running--
    })
    return isFull ? counted : undefined
  }

  #ended(key: string, group: Exchange): void | Promise<void> {
    const { at, repository } = this.#plan
    if (group.failed && repository.confirm === undefined && isCalledOff(group.exception)) {
      at.log.warn(`the group ${key.slice(0, 100)} at ${at.stepId} is lost: ${messageOf(group.exception)}`)
    }
    if (group.failed || repository.confirm === undefined) return
    const report = (error: unknown) =>
      at.log.warn(`the group ${key} of ${at.stepId} in route ${at.routeId} was handed on, but is not confirmed`, {
        error,
      })
    try {
      const confirmed = repository.confirm(key, group)
      return confirmed && Promise.resolve(confirmed).catch(report)
    } catch (error) {
      report(error)
    }
  }
}
