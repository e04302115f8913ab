import type { RedeliveryPolicy } from '../definition/error-handler.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import type { OnExceptionDefinition } from '../definition/on-exception.ts'
import type { Ref } from '../definition/ref.ts'
import type { StepDefinition } from '../definition/steps.ts'
import { referredProcessor } from '../eip/referred.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { Predicate } from '../language/language.ts'
import type { Catching } from './closest.ts'
import { type RedeliveryRule, redeliveryRule } from './redelivery-policy.ts'

/** An `onException`, ready for use in one route. */
export interface Clause extends Catching {
  /** Tells clauses apart, also over routes that share one. */
  readonly definition: OnExceptionDefinition
  readonly rule: RedeliveryRule
  readonly handled: Predicate | undefined
  readonly continued: Predicate | undefined
  readonly onRedelivery: Processor | undefined
  readonly onExceptionOccurred: Processor | undefined
  /** What fails in them fails the exchange. Undefined without steps. */
  readonly steps: Processor | undefined
}

export interface ClausePlace {
  readonly routeId: string
  random(): number
  predicate(definition: ExpressionDefinition): Predicate
  lookup(name: string): unknown
  /** The steps of a clause: what fails in them fails the exchange, and nothing else is done about it. */
  clauseSteps(steps: readonly StepDefinition[]): Processor
}

/** `policy`: of the error handler, which the clause changes. Throws `DROMEDARY_UNKNOWN_BEAN` and what steps throw. */
export function compileClause(definition: OnExceptionDefinition, policy: RedeliveryPolicy, place: ClausePlace): Clause {
  const predicate = (of: ExpressionDefinition | undefined) => of && place.predicate(of)
  const processor = (of: Ref<Processor> | undefined, verb: string) =>
    of && referredProcessor(of, `${verb} in route ${place.routeId}`, place.lookup)
  const own = { ...policy, maximumRedeliveries: 0, ...definition.redeliveryPolicy }
  return {
    definition,
    exception: definition.exception,
    onWhen: predicate(definition.onWhen),
    rule: redeliveryRule(own, place.random, predicate(definition.retryWhile)),
    handled: predicate(definition.handled),
    continued: predicate(definition.continued),
    onRedelivery: processor(definition.onRedelivery, 'onRedelivery'),
    onExceptionOccurred: processor(definition.onExceptionOccurred, 'onExceptionOccurred'),
    steps: definition.steps.length === 0 ? undefined : place.clauseSteps(definition.steps),
  }
}
