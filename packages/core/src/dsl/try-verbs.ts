import type { CatchClause, DoTryStep } from '../definition/error-steps.ts'
import type { ErrorType } from '../definition/error-type.ts'
import { type ExpressionDefinition, toExpression } from '../definition/expression.ts'
import type { StepDefinition } from '../definition/steps.ts'
import type { Verbs } from './blocks.ts'
import type { Family } from './builder.ts'
import { type Clause, misplaced } from './fold.ts'
import type { At, Condition, Open, State, With } from './state.ts'

/** Verbs that deal with failures on the spot. */
export interface TryVerbs<in out S extends State> {
  /** try, catch and finally for the steps up to `end()`; the error handler of the route does not look after them. */
  doTry(): DoTry<Open<S, 'doTry'>>
}

/** Clauses of `doTry()`. */
interface Catches<in out S extends State> {
  /** Takes failures of these kinds, or without any all of them; the closest fit wins. The exchange goes on without a failure. */
  doCatch(...exception: readonly ErrorType[]): DoCatchBegun<Caught<S>>
  /** Runs whatever happened, also after `stop()`. */
  doFinally(): DoFinally<Last<S>>
}

export interface DoTry<in out S extends State> extends Verbs<S>, Catches<S> {}

export interface DoCatch<in out S extends State> extends Verbs<S>, Catches<S> {
  end(): Tried<S>
}

/** A clause before its first step. */
export interface DoCatchBegun<in out S extends State> extends DoCatch<S> {
  /** The clause holds only for exchanges that match: `\${exception.message}` is the failure. */
  onWhen(condition: Condition<unknown>): DoCatch<S>
}

export interface DoFinally<in out S extends State> extends Verbs<S> {
  end(): Tried<S>
}

/** Inside of a catch: the body is what the failure left. */
interface Caught<S extends State> {
  body: unknown
  components: S['components']
  in: 'doCatch'
  outer: S['outer']
  joined: S['joined'] | S['body']
}

/** Inside of the last clause: the body as the steps before it left it, unless something was not caught. */
interface Last<S extends State> {
  body: S['joined'] | S['body']
  components: S['components']
  in: 'doFinally'
  outer: S['outer']
  joined: never
}

/** After the block. */
export type Tried<S extends State> = S['outer'] extends infer O extends State
  ? At<With<O, S['joined'] | S['body']>>
  : never

/** What opens clauses and says more of them, for the table below. */
interface Clauses {
  doCatch(...exception: readonly ErrorType[]): unknown
  doFinally(): unknown
  onWhen(condition: Condition<unknown>): unknown
}

interface CatchOptions {
  readonly exception?: readonly ErrorType[]
  readonly onWhen?: ExpressionDefinition
}

function closeTry(steps: readonly StepDefinition[], clauses: readonly Clause[]): DoTryStep {
  const doCatch: CatchClause[] = []
  let doFinally: DoTryStep['doFinally']
  for (const { verb, options = {}, steps } of clauses) {
    const { exception = [], onWhen } = options as CatchOptions
    if (doFinally) throw misplaced(`${verb}() stands behind doFinally(), which is the last`)
    if (verb === 'doFinally') doFinally = { steps }
    else doCatch.push({ exception, ...(onWhen && { onWhen }), steps })
  }
  if (clauses.length === 0) throw misplaced('doTry() needs a doCatch() or a doFinally()')
  return { kind: 'doTry', steps, doCatch, ...(doFinally && { doFinally }) }
}

export const tryVerbs: Family<TryVerbs<State> & Clauses> = {
  doTry() {
    return this.append({ op: 'open', block: 'doTry', close: closeTry })
  },
  doCatch(...exception) {
    return this.append({ op: 'clause', block: 'doTry', verb: 'doCatch', options: { exception } })
  },
  doFinally() {
    return this.append({ op: 'clause', block: 'doTry', verb: 'doFinally' })
  },
  onWhen(condition) {
    const onWhen = toExpression('onWhen', condition)
    return this.append({ op: 'option', verb: 'onWhen', of: ['doCatch', 'onException'], set: { onWhen } })
  },
}
