import type { ErrorType } from './error-type.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { BlockNode, StepDefinition } from './steps.ts'

export interface DoTryStep extends BlockNode<'doTry'> {
  readonly steps: readonly StepDefinition[]
  readonly doCatch: readonly CatchClause[]
  readonly doFinally?: { readonly steps: readonly StepDefinition[] }
}

export interface CatchClause {
  /** Of which one must fit, to the failure or one of its causes. None: any failure. */
  readonly exception: readonly ErrorType[]
  /** The clause holds only for exchanges that match. */
  readonly onWhen?: ExpressionDefinition
  readonly steps: readonly StepDefinition[]
}
