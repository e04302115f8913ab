import { type ExpressionLike, toExpression } from '../definition/expression.ts'
import type { FilterStep } from '../definition/steps.ts'
import type { Family } from './builder.ts'
import type { MessageVerbs } from './message-verbs.ts'
import type { RoutingVerbs } from './routing-verbs.ts'
import type { Branch, Closed, Condition, Open, State } from './state.ts'

/** Verbs that open a block; `end()` closes it. */
export interface BlockVerbs<S extends State> {
  /** Message Filter: the steps up to `end()` run only for exchanges that match. */
  filter(condition: Condition<S['body']>, options?: FilterOptions): Filter<Open<S, 'filter'>>
  /** Content-Based Router: the first `when` that matches runs, and no other. */
  choice(): Choice<Open<S, 'choice'>>
}

export interface FilterOptions {
  /** Exchange property that says whether the exchange matched. */
  readonly statusPropertyName?: string
}

/** All verbs that there are in any block of steps. */
export interface Verbs<S extends State> extends MessageVerbs<S>, RoutingVerbs<S>, BlockVerbs<S> {}

export interface Filter<S extends State> extends Verbs<S> {
  end(): Closed<S>
}

/** Inside of `choice()`, before the first `when` or after `endChoice()`. */
export interface Choice<S extends State> {
  when(condition: Condition<S['body']>): When<Branch<S, 'when'>>
  otherwise(): Otherwise<Branch<S, 'otherwise'>>
  end(): Closed<S>
}

export interface When<S extends State> extends Verbs<S> {
  when(condition: Condition<S['body']>): When<Branch<S, 'when'>>
  otherwise(): Otherwise<Branch<S, 'otherwise'>>
  /** Back to the choice, which goes on. */
  endChoice(): Choice<Branch<S, 'choice'>>
  /** Ends the choice. */
  end(): Closed<S>
}

export interface Otherwise<S extends State> extends Verbs<S> {
  end(): Closed<S>
}

/** What closes blocks, for the table below. */
interface Closing<S extends State> {
  when(condition: Condition<S['body']>): unknown
  otherwise(): unknown
  endChoice(): unknown
  end(): unknown
}

const condition = (from: unknown) => toExpression(from as ExpressionLike)

export const blockVerbs: Family<BlockVerbs<State> & Closing<State>> = {
  filter(from, options = {}) {
    const { statusPropertyName } = options
    const node: Omit<FilterStep, 'steps'> = {
      kind: 'filter',
      expression: condition(from),
      ...(statusPropertyName === undefined ? {} : { statusPropertyName }),
    }
    return this.append({ op: 'open', block: 'filter', close: steps => ({ ...node, steps }) })
  },
  choice() {
    return this.append({ op: 'choice' })
  },
  when(from) {
    return this.append({ op: 'when', expression: condition(from) })
  },
  otherwise() {
    return this.append({ op: 'otherwise' })
  },
  endChoice() {
    return this.append({ op: 'endChoice' })
  },
  end() {
    return this.append({ op: 'end' })
  },
}
