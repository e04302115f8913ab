import { Aggregator } from '../aggregation/aggregator.ts'
import { completion } from '../aggregation/completion.ts'
import { type AggregationRepository, MemoryAggregationRepository } from '../aggregation/repository.ts'
import { hooksOf } from '../aggregation/strategy.ts'
import type { ClockTimer } from '../clock.ts'
import type { AggregateStep } from '../definition/gathering-steps.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { isShared, releaseShared, useShared } from '../runtime/shared-life.ts'
import type { Eip, StepCompiler, StepService } from './eip.ts'
import { hasMethods, isFunction, resolveRef } from './resolve-ref.ts'

/** Aggregator: puts exchanges with the same key together, and runs its steps for each group that is complete. */
export const aggregate: Eip<'aggregate'> = (step, at) => {
  check(step, at.routeId)
  const isStrategy = (it: object) => isFunction(it) || hasMethods('aggregate')(it)
  const strategy = resolveRef(step.aggregationStrategy, at, 'an aggregation strategy', isStrategy)
  const repository = repositoryOf(step, at)
  // Its turn is before that of steps within, which get the groups that it still hands on.
  let own: StepService = {}
  let isNew = newTerms(repository)
  const start = () => {
    isNew = newTerms(repository)
    return own.start?.()
  }
  const inherit = () => {
    // In memory they stand under what they stood under.
    if (!isInMemory(repository)) isNew = newTerms(repository)
    return own.inherit?.()
  }
  at.service({ start, drain: () => own.drain?.(), stop: () => own.stop?.(), inherit })
  const aggregator = new Aggregator({
    at,
    step,
    steps: at.steps(step.steps),
    strategy: hooksOf(strategy),
    repository,
    completion: completion(step, at),
    parallelProcessing: step.parallelProcessing,
    poolSize: step.poolSize,
  })
  const correlation = at.expression(step.correlationExpression)
  own = life(aggregator, repository, step, at)
  if (!at.clustered) return exchange => aggregator.take(exchange, correlation)
  return exchange => {
    if (!isNew(exchange)) return aggregator.take(exchange, correlation)
    return aggregator.groups.restore(exchange).then(() => aggregator.take(exchange, correlation))
  }
}

/**
 * Under which leadership groups from before may be completed is known with its first exchange. Another member may have
 * left groups since the last term; what is only in memory was left by none.
 */
function newTerms(repository: AggregationRepository): (exchange: Exchange) => boolean {
  const isOutside = !isInMemory(repository)
  const nobody = {}
  const seen = new WeakSet<object>()
  return exchange => {
    const under = (isOutside && exchange.guard?.leadership) || nobody
    if (seen.has(under)) return false
    seen.add(under)
    return true
  }
}

const isInMemory = (repository: AggregationRepository): repository is MemoryAggregationRepository =>
  repository instanceof MemoryAggregationRepository

function repositoryOf(
  { aggregationRepository: ref, optimisticLocking }: AggregateStep,
  at: StepCompiler,
): AggregationRepository {
  if (ref === undefined) return new MemoryAggregationRepository({ optimisticLocking })
  return resolveRef(ref, at, 'an aggregation repository', hasMethods('get', 'add', 'remove', 'keys'))
}

function life(
  aggregator: Aggregator,
  repository: AggregationRepository,
  step: AggregateStep,
  at: StepCompiler,
): StepService {
  const { completionInterval: interval } = step
  let timer: ClockTimer | undefined
  const tick = () => {
    if (interval === undefined) return
    timer = at.clock.setTimeout(() => {
      tick()
      void aggregator.completeAll('interval')
    }, interval)
  }
  return {
    async start() {
      await useShared(repository)
      aggregator.groups.start()
      try {
        if (!at.clustered) await aggregator.groups.restore()
      } catch (error) {
        aggregator.groups.stop()
        await releaseShared(repository)
        throw error
      }
      tick()
    },
    async inherit() {
      if (!at.clustered || isInMemory(repository)) await aggregator.groups.restore()
    },
    async drain() {
      if (step.forceCompletionOnStop) await aggregator.completeAll('force')
      // What takes the place of the route goes on with them, and with more of them all the time.
      else if (step.completeAllOnStop && !(at.replaced() && isShared(repository))) await aggregator.groups.emptied()
    },
    async stop() {
      timer?.cancel()
      aggregator.groups.stop()
      const left = isInMemory(repository) && !isShared(repository) ? repository.keys().length : 0
      if (left > 0) {
        const groups = left === 1 ? 'group that is' : 'groups that are'
        at.log.warn(
          `${at.stepId} in route ${at.routeId} stops with ${left} ${groups} not complete; forceCompletionOnStop would hand on what there is`,
        )
      }
      await releaseShared(repository)
    },
  }
}

function check(step: AggregateStep, routeId: string): void {
  const wrong = (what: string) =>
    new DromedaryError('DROMEDARY_INVALID_ROUTE', `aggregate in route ${routeId}: ${what}`)
  const { completionTimeout, completionTimeoutExpression, completionInterval } = step
  if (completionInterval !== undefined && (completionTimeout ?? completionTimeoutExpression) !== undefined) {
    throw wrong('completionInterval and completionTimeout exclude each other')
  }
  const ways = [
    completionTimeout,
    completionTimeoutExpression,
    completionInterval,
    step.completionSize,
    step.completionSizeExpression,
    step.completionPredicate,
    step.completionFromBatchConsumer || undefined,
    step.completionOnNewCorrelationGroup || undefined,
    step.forceCompletionOnStop || undefined,
    typeof step.aggregationStrategy.ref === 'object' && hasMethods('preComplete')(step.aggregationStrategy.ref)
      ? true
      : undefined,
  ]
  if (ways.every(way => way === undefined)) {
    throw wrong(
      'nothing completes its groups: say completionSize, completionTimeout, completionPredicate or another of them',
    )
  }
}
