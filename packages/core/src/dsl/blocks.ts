import { toExpression } from '../definition/expression.ts'
import type { ChoiceStep, FilterStep, StepDefinition, WhenClause } from '../definition/steps.ts'
import type { Family } from './builder.ts'
import type { ConsumerVerbs } from './consumer-verbs.ts'
import type { DataVerbs } from './data-verbs.ts'
import type { FlowVerbs } from './flow-verbs.ts'
import { type Clause, misplaced } from './fold.ts'
import type { GatheringVerbs } from './gathering-verbs.ts'
import type { MessageVerbs } from './message-verbs.ts'
import type { ResumeVerbs } from './resume-verbs.ts'
import type { RoutingVerbs } from './routing-verbs.ts'
import type { Branch, Closed, Condition, Open, State } from './state.ts'
import type { TryVerbs } from './try-verbs.ts'

/** Verbs that open a block; `end()` closes it. */
export interface BlockVerbs<in out S extends State> {
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
export interface Verbs<in out S extends State>
  extends MessageVerbs<S>,
    RoutingVerbs<S>,
    BlockVerbs<S>,
    GatheringVerbs<S>,
    FlowVerbs<S>,
    DataVerbs<S>,
    TryVerbs<S>,
    ConsumerVerbs<S>,
    ResumeVerbs<S> {}

export interface Filter<in out S extends State> extends Verbs<S> {
  end(): Closed<S>
}

/** Inside of `choice()`, before the first `when` or after `endChoice()`. */
export interface Choice<in out S extends State> {
  /** The steps of this branch run if no branch before it matched, and this one does. */
  when(condition: Condition<S['body']>): When<Branch<S, 'when'>>
  /** The steps that run if no branch matched. */
  otherwise(): Otherwise<Branch<S, 'otherwise'>>
  /** Ends the choice. */
  end(): Closed<S>
}

export interface When<in out S extends State> extends Verbs<S> {
  when(condition: Condition<S['body']>): When<Branch<S, 'when'>>
  otherwise(): Otherwise<Branch<S, 'otherwise'>>
  /** Back to the choice, which goes on. */
  endChoice(): Choice<Branch<S, 'choice'>>
  /** Ends the choice. */
  end(): Closed<S>
}

export interface Otherwise<in out S extends State> extends Verbs<S> {
  end(): Closed<S>
}

/** What closes blocks, for the table below. */
interface Closing<S extends State> {
  when(condition: Condition<S['body']>): unknown
  otherwise(): unknown
  endChoice(): unknown
  end(): unknown
}

function closeChoice(strays: readonly StepDefinition[], clauses: readonly Clause[]): StepDefinition {
  if (strays.length > 0) throw misplaced(`${strays[0]?.kind}() stands in choice() before any when()`)
  const when: WhenClause[] = []
  let otherwise: ChoiceStep['otherwise']
  for (const { expression, steps } of clauses) {
    if (expression !== undefined) when.push({ expression, steps })
    else if (otherwise) throw misplaced('choice() has two otherwise()')
    else otherwise = { steps }
  }
  return { kind: 'choice', when, ...(otherwise === undefined ? {} : { otherwise }) }
}

export const blockVerbs: Family<BlockVerbs<State> & Closing<State>> = {
  filter(from, options = {}) {
    const { statusPropertyName } = options
    const node: Omit<FilterStep, 'steps'> = {
      kind: 'filter',
      expression: toExpression('filter', from),
      ...(statusPropertyName === undefined ? {} : { statusPropertyName }),
    }
    return this.append({ op: 'open', block: 'filter', close: steps => ({ ...node, steps }) })
  },
  choice() {
    return this.append({ op: 'open', block: 'choice', close: closeChoice })
  },
  when(from) {
    return this.append({ op: 'clause', block: 'choice', verb: 'when', expression: toExpression('when', from) })
  },
  otherwise() {
    return this.append({ op: 'clause', block: 'choice', verb: 'otherwise' })
  },
  endChoice() {
    return this.append({ op: 'endClause', block: 'choice', verb: 'endChoice' })
  },
  end() {
    return this.append({ op: 'end' })
  },
}
