import type { AggregationRepository } from '../aggregation/repository.ts'
import type { AggregationStrategy } from '../aggregation/strategy.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { ResumeStrategy } from '../resume/strategy.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { Ref } from './ref.ts'
import type { BlockNode, StepDefinition } from './steps.ts'

export interface SplitStep extends BlockNode<'split'> {
  /** Gives what is split. */
  readonly expression: ExpressionDefinition
  /** Where a text is cut; `false`: nowhere; `single`: any value is one item. */
  readonly delimiter: string
  /** What the parts come together to; without it the exchange stays as it was. */
  readonly aggregationStrategy?: Ref<AggregationStrategy>
  readonly parallelProcessing: boolean
  /** How many parts run at once, with `parallelProcessing`. */
  readonly poolSize: number
  /** Takes items as they come, and in parallel aggregates parts as they are done. */
  readonly streaming: boolean
  readonly stopOnException: boolean
  /** Milliseconds for all parts together; 0: any time. With `parallelProcessing` only. */
  readonly timeout: number
  /** Called with each part before its steps. */
  readonly onPrepare?: Ref<Processor>
  readonly shareUnitOfWork: boolean
  /** So many items become one part, as a list. */
  readonly group?: number
  /** Share of parts, 0 to 1, that may fail. */
  readonly errorThreshold?: number
  /** The failure with this number, from 1, ends the split. */
  readonly maxFailedRecords?: number
  /** Keeps how far the split got, under `watermarkKey`: the index of the last part, or what `watermarkExpression` (Simple) gives for it. */
  readonly resumeStrategy?: Ref<ResumeStrategy>
  readonly watermarkKey?: string
  readonly watermarkExpression?: string
  readonly steps: readonly StepDefinition[]
}

export interface AggregateStep extends BlockNode<'aggregate'> {
  readonly correlationExpression: ExpressionDefinition
  readonly aggregationStrategy: Ref<AggregationStrategy>
  /** In memory where it is not given. */
  readonly aggregationRepository?: Ref<AggregationRepository>
  readonly completionPredicate?: ExpressionDefinition
  readonly completionSize?: number
  readonly completionSizeExpression?: ExpressionDefinition
  /** Milliseconds without a new message of the group. */
  readonly completionTimeout?: number
  readonly completionTimeoutExpression?: ExpressionDefinition
  /** Every so many milliseconds all groups are complete. */
  readonly completionInterval?: number
  readonly completionFromBatchConsumer: boolean
  readonly completionOnNewCorrelationGroup: boolean
  readonly eagerCheckCompletion: boolean
  readonly ignoreInvalidCorrelationKeys: boolean
  /** How many keys that are complete are remembered, and refused from then on; 0: all. */
  readonly closeCorrelationKeyOnCompletion?: number
  readonly discardOnCompletionTimeout: boolean
  readonly discardOnAggregationFailure: boolean
  readonly forceCompletionOnStop: boolean
  readonly completeAllOnStop: boolean
  readonly parallelProcessing: boolean
  /** How many finished groups run beside the route, with `parallelProcessing`. */
  readonly poolSize: number
  readonly optimisticLocking: boolean
  /** Where `optimisticLocking` finds that another member was quicker. */
  readonly optimisticLockRetryPolicy: OptimisticLockRetryPolicy
  readonly steps: readonly StepDefinition[]
}

/** Camel's names and defaults. */
export interface OptimisticLockRetryPolicy {
  /** 0: for ever. */
  readonly maximumRetries: number
  /** Milliseconds. */
  readonly retryDelay: number
  readonly maximumRetryDelay: number
  readonly exponentialBackOff: boolean
  /** Each wait is a random share of itself. */
  readonly randomBackOff: boolean
}
