import { z } from 'zod'
import type { AggregationRepository } from '../aggregation/repository.ts'
import type { AggregationStrategy } from '../aggregation/strategy.ts'
import { duration, flag, integer } from '../component/options.ts'
import { type ExpressionDefinition, toExpression } from '../definition/expression.ts'
import type { AggregateStep } from '../definition/gathering-steps.ts'
import { exact, lazily, parseNode } from '../definition/parse-node.ts'
import { type Ref, toRef } from '../definition/ref.ts'
import type { Condition, Expr } from './state.ts'

export const lockRetry = () =>
  z.strictObject({
    maximumRetries: integer({ min: 0 }).default(0).describe('How often it is tried again; 0: for ever.'),
    retryDelay: duration({ min: 0 }).default(50).describe('Wait before the first new try.'),
    maximumRetryDelay: duration({ min: 0 }).default(1000).describe('No wait is longer than this; 0: no limit.'),
    exponentialBackOff: flag().default(true).describe('Each wait is twice the last one.'),
    randomBackOff: flag().default(false).describe('Each wait is a random share of the longest one.'),
  })

export const aggregateOptions = lazily(() =>
  z.strictObject({
    completionSize: integer({ min: 1 }).optional().describe('A group of so many is complete.'),
    completionTimeout: duration({ min: 1 })
      .optional()
      .describe('A group that nothing is put to for so long is complete.'),
    completionInterval: duration({ min: 1 }).optional().describe('All groups are complete, again and again.'),
    completionFromBatchConsumer: flag()
      .default(false)
      .describe('Groups are complete with the batch that their consumer says an exchange is of.'),
    completionOnNewCorrelationGroup: flag().default(false).describe('A new key completes all groups before it.'),
    eagerCheckCompletion: flag()
      .default(false)
      .describe('completionPredicate and the other expressions see the incoming exchange, not the group.'),
    ignoreInvalidCorrelationKeys: flag().default(false).describe('Drops exchanges without a key, instead of failing.'),
    closeCorrelationKeyOnCompletion: integer({ min: 0 })
      .optional()
      .describe('Remembers so many keys that are complete, and refuses exchanges with them; 0: all.'),
    discardOnCompletionTimeout: flag().default(false).describe('Drops groups that completionTimeout completes.'),
    discardOnAggregationFailure: flag().default(false).describe('Drops a group whose strategy fails.'),
    forceCompletionOnStop: flag()
      .default(false)
      .describe('A stop completes all groups, and so does the end of the leadership that they stand under.'),
    completeAllOnStop: flag()
      .default(false)
      .describe('A stop waits until all groups are complete of themselves, at most for the shutdown time-out.'),
    parallelProcessing: flag().default(false).describe('Groups run beside the route; the sender does not wait.'),
    poolSize: integer({ min: 1 })
      .default(10)
      .describe('How many groups run beside the route; more wait for one of them.'),
    optimisticLocking: flag()
      .default(false)
      .describe('Several members share the repository: who was too late tries again.'),
    optimisticLockRetryPolicy: lockRetry()
      .default(() => lockRetry().parse({}))
      .describe('How it tries again.'),
  }),
)

/** Options of `aggregate`, with Camel's names and defaults. At least one way of completion has to be there. */
export type AggregateOptions<In = unknown> = z.input<ReturnType<typeof aggregateOptions>> & {
  /** How exchanges come together: a strategy, or the name of a bean. */
  readonly aggregationStrategy: string | AggregationStrategy | Ref<AggregationStrategy>
  /** Where groups live: a repository, or the name of a bean. In memory by default. */
  readonly aggregationRepository?: string | AggregationRepository | Ref<AggregationRepository>
  /** The group for which this holds is complete. */
  readonly completionPredicate?: Condition<In>
  /** Instead of `completionSize`, for each exchange. */
  readonly completionSizeExpression?: Expr<In>
  /** Instead of `completionTimeout`, for each exchange, in milliseconds. */
  readonly completionTimeoutExpression?: Expr<In>
}

/** Throws `DROMEDARY_INVALID_OPTION`. */
export function aggregateNode(
  correlationExpression: ExpressionDefinition,
  options: AggregateOptions,
): Omit<AggregateStep, 'steps'> {
  const { aggregationStrategy, aggregationRepository: repository, ...others } = options
  const { completionPredicate, completionSizeExpression, completionTimeoutExpression, ...rest } = others
  const expression = (option: string, from: unknown) =>
    from === undefined ? undefined : toExpression(`aggregate: ${option}`, from)
  const node = {
    kind: 'aggregate' as const,
    correlationExpression,
    ...parseNode('aggregate', aggregateOptions(), rest),
    aggregationStrategy: toRef(aggregationStrategy),
    aggregationRepository: repository && toRef(repository),
    completionPredicate: expression('completionPredicate', completionPredicate),
    completionSizeExpression: expression('completionSizeExpression', completionSizeExpression),
    completionTimeoutExpression: expression('completionTimeoutExpression', completionTimeoutExpression),
  }
  return exact(node) as Omit<AggregateStep, 'steps'>
}
