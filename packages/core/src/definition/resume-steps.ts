import type { ResumeFailures, ResumeStrategy } from '../resume/strategy.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { StepNode } from './steps.ts'

export interface ResumableStep extends StepNode<'resumable'> {
  /** Gives the position of an exchange: a value that JSON can hold, and at once. */
  readonly position: ExpressionDefinition
  /** URI of an endpoint that keeps positions, `#name` of a bean that does, or the strategy itself. */
  readonly strategy: string | { readonly ref: ResumeStrategy }
  /** Whether an exchange may have no position. */
  readonly intermittent: boolean
  readonly failures: ResumeFailures
}
