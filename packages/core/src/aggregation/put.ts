import type { AggregateStep } from '../definition/gathering-steps.ts'
import { DromedaryError, isDromedaryError, messageOf } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import { attempt, chain } from '../runtime/thenable.ts'
import { Batch, type CompletedBy, type Completion, sizeOfGroup, takeSignal } from './completion.ts'
import type { FinishedGroup, FinishedGroupsPlan } from './finished-groups.ts'
import { type Groups, type Later, standUnder } from './groups.ts'

export interface PutPlan extends FinishedGroupsPlan {
  readonly step: AggregateStep
  readonly completion: Completion
}

/** What is complete with an exchange. */
export interface Put {
  /** Its own group, if it is, and the one before it that its strategy ended. */
  readonly finished: readonly FinishedGroup[]
  /** Other groups that end with it: `all` but its own, or these keys. */
  readonly others?: 'all' | readonly string[]
  readonly reason?: CompletedBy
}

/**
 * Puts an exchange to its group; under the lock of its key. `rescue` takes groups that are complete and out of the
 * repository, but whose exchange then cannot be put.
 */
export function putter(
  plan: PutPlan,
  groups: Groups,
  rescue: (finished: readonly FinishedGroup[]) => void,
): (key: string, exchange: Exchange) => Later<Put> {
  const { step, strategy, completion, at } = plan
  const batches = new Batch()
  const where = `${at.stepId} in route ${at.routeId}`

  const eagerReason = (key: string, next: Exchange, size: number): CompletedBy | undefined => {
    next.setProperty(NAMES.aggregatedSize, size).setProperty(NAMES.aggregatedCorrelationKey, key)
    const reason = completion.reason(next)
    next.removeProperty(NAMES.aggregatedSize)
    next.removeProperty(NAMES.aggregatedCorrelationKey)
    return reason
  }

  /** Undefined where the group was discarded. */
  const aggregate = (key: string, old: Exchange | undefined, next: Exchange): Later<Exchange | undefined> => {
    const failed = (cause: unknown): Later<undefined> => {
      const message = `Error occurred during aggregation at ${where}: ${messageOf(cause)}`
      if (!step.discardOnAggregationFailure)
        throw new DromedaryError('DROMEDARY_AGGREGATION_FAILED', message, { cause })
      at.log.warn(`${message}; the group ${key.slice(0, 100)} is discarded`)
      return old === undefined ? undefined : chain(groups.discard(key, old), () => undefined)
    }
    // A repository that many write to must not see half of what becomes of a group.
    const before = old && step.optimisticLocking ? old.copy() : old
    return attempt(() => chain(strategy.aggregate(before, next), orNothing), failed)
  }

  const tooLate = (error: unknown, old: Exchange | undefined, next: Exchange): never => {
    if (isDromedaryError(error, 'DROMEDARY_OPTIMISTIC_LOCK')) strategy.onOptimisticLockFailure?.(old, next)
    throw error
  }

  const putTo = (key: string, exchange: Exchange, old: Exchange | undefined, before: FinishedGroup[]): Later<Put> => {
    const next = exchange.copy()
    const size = old === undefined ? 1 : sizeOfGroup(old) + 1
    let reason: CompletedBy | undefined = takeSignal(next, NAMES.aggregationCompleteCurrentGroup)
      ? 'strategy'
      : undefined
    dropSignals(next)
    if (step.eagerCheckCompletion) reason ??= eagerReason(key, next, size)
    const timeout = completion.timeout(next)
    const batch = step.completionFromBatchConsumer ? batches.take(key, next) : undefined
    return chain(aggregate(key, old, next), group => {
      if (group === undefined) return { finished: before }
      standUnder(group, exchange)
      group.setProperty(NAMES.aggregatedSize, size)
      if (batch !== undefined) reason = 'consumer'
      else if (!step.eagerCheckCompletion) reason ??= completion.reason(group)
      const write = () =>
        reason === undefined
          ? chain(groups.keep(key, group, old, timeout), (): FinishedGroup[] => [])
          : groups.finish(key, group, old, reason)
      return chain(
        attempt(write, error => tooLate(error, old, next)),
        done => {
          const finished = before.length === 0 ? done : [...before, ...done]
          if (batch !== undefined) return { finished, others: batch.filter(other => other !== key), reason: 'consumer' }
          if (takeSignal(group, NAMES.aggregationCompleteAllGroups)) return { finished, others: 'all', reason: 'force' }
          if (!step.completionOnNewCorrelationGroup || old !== undefined) return { finished }
          return { finished, others: 'all', reason: 'force' }
        },
      )
    })
  }

  return (key, exchange) =>
    groups.locked(key, old => {
      if (old === undefined || strategy.preComplete?.(old, exchange) !== true) return putTo(key, exchange, old, [])
      return chain(groups.finish(key, old, old, 'strategy'), before =>
        attempt(
          () => putTo(key, exchange, undefined, before),
          error => {
            rescue(before)
            throw error
          },
        ),
      )
    })
}

function orNothing(group: Exchange | undefined): Exchange {
  if (group === undefined || group === null) throw new TypeError('the aggregation strategy gave no exchange')
  return group
}

const dropSignals = (next: Exchange): void => {
  takeSignal(next, NAMES.aggregationCompleteAllGroups)
  takeSignal(next, NAMES.aggregationCompleteAllGroupsInclusive)
}
