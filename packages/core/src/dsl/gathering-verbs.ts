import type { AggregationStrategy } from '../aggregation/strategy.ts'
import { body, toExpression } from '../definition/expression.ts'
import type { StepDefinition } from '../definition/steps.ts'
import { type AggregateOptions, aggregateNode } from './aggregate-options.ts'
import type { Verbs } from './blocks.ts'
import type { Family } from './builder.ts'
import type { ClosedWith, ElementOf, OpenWith } from './gathering-types.ts'
import { type SplitOptions, splitNode } from './split-options.ts'
import type { Expr, ResultOf, State } from './state.ts'

/** Verbs that take messages apart and put them together; `end()` closes their block. */
export interface GatheringVerbs<in out S extends State> {
  /**
   * Splitter: runs its steps once for each item of what the expression gives (the body by default), on copies with the
   * item as their body. Afterwards the exchange is as it was, or what an `aggregationStrategy` made of the parts.
   */
  split(): Split<OpenWith<S, 'split', ElementOf<S['body'], ','>, S['body']>>
  split<const E extends Expr<S['body']>>(
    expression: E,
  ): Split<OpenWith<S, 'split', ElementOf<ResultOf<E, S['body']>, ','>, S['body']>>
  split<const E extends Expr<S['body']>, const O extends SplitOptions>(
    expression: E,
    options: O,
  ): Split<OpenWith<S, 'split', PartOf<ResultOf<E, S['body']>, O>, ResultBody<O, S['body']>>>
  /**
   * Aggregator: puts exchanges with the same key together. Its steps get each group that is complete; the steps after
   * `end()` get each exchange as it came in.
   */
  aggregate<const O extends AggregateOptions<S['body']>>(
    correlation: Expr<S['body']>,
    options: O,
  ): Aggregated<OpenWith<S, 'aggregate', ResultBody<O, unknown>, S['body']>>
}

export interface Split<in out S extends State> extends Verbs<S> {
  end(): ClosedWith<S>
}

export interface Aggregated<in out S extends State> extends Verbs<S> {
  end(): ClosedWith<S>
}

type PartOf<T, O> =
  ElementOf<T, O extends { readonly delimiter: infer D } ? D : ','> extends infer E
    ? O extends { readonly group: number | string }
      ? E[]
      : E
    : never

/** What the strategy makes; `Without` where there is none. */
type ResultBody<O, Without> = O extends { readonly aggregationStrategy: infer A }
  ? A extends AggregationStrategy<infer R>
    ? R
    : unknown
  : Without

export const gatheringVerbs: Family<GatheringVerbs<State>> = {
  split(expression: unknown = body(), options: SplitOptions = {}) {
    const node = splitNode(toExpression('split', expression), options)
    return this.append({ op: 'open', block: 'split', close: steps => ({ ...node, steps }) as StepDefinition })
  },
  aggregate(correlation, options) {
    const node = aggregateNode(toExpression('aggregate', correlation), options)
    return this.append({ op: 'open', block: 'aggregate', close: steps => ({ ...node, steps }) as StepDefinition })
  },
}
