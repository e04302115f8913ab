import type { IdempotentRepository } from '../idempotent/repository.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { Ref } from './ref.ts'
import type { BlockNode, StepDefinition, StepNode } from './steps.ts'

export interface IdempotentConsumerStep extends BlockNode<'idempotentConsumer'> {
  /** The key of a message: a text, or what becomes one. */
  readonly expression: ExpressionDefinition
  readonly idempotentRepository: Ref<IdempotentRepository>
  /** Takes the key before the steps run, else when the message is done. */
  readonly eager: boolean
  /** The message is done at the end of the steps, else at the end of the exchange. */
  readonly completionEager: boolean
  /** Leaves the steps out for duplicates; else they run, and the property `CamelDuplicateMessage` is true. */
  readonly skipDuplicate: boolean
  /** Gives the key back when the message fails, so that it may come again. */
  readonly removeOnFailure: boolean
  readonly steps: readonly StepDefinition[]
}

export interface PausableStep extends StepNode<'pausable'> {
  /** Exchanges go on while this holds. */
  readonly until: ExpressionDefinition
  /** Milliseconds between two looks, once it did not hold. */
  readonly checkInterval: number
}
