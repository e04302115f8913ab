import type { ErrorHandlerOptions } from '../definition/error-handler.ts'
import type { ErrorType } from '../definition/error-type.ts'
import { constant, toExpression } from '../definition/expression.ts'
import {
  type OnExceptionDefinition,
  type OnExceptionOptions,
  onExceptionDefinition,
} from '../definition/on-exception.ts'
import { toRef } from '../definition/ref.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Duration } from '../uri/duration.ts'
import type { Verbs } from './blocks.ts'
import type { Builder, Family } from './builder.ts'
import type { Op } from './fold.ts'
import type { At, Condition, State } from './state.ts'
import type { Components } from './uri-check.ts'

/** True, false, or a condition that is asked when nothing more is tried. */
type Decision = boolean | Condition<unknown>
type Hook = ((exchange: Exchange) => unknown) | string | { readonly ref: string }

/** What is said of an `onException()` clause, before its first step. `Self`: the clause, in its route or alone. */
interface ClauseVerbs<Self> {
  /** The clause holds only for exchanges that match: `\${exception.message}` is the failure. */
  onWhen(condition: Condition<unknown>): Self
  /** The failure is dealt with: the sender sees none, and gets what the steps made; the route ends. Default false. */
  handled(decision: Decision): Self
  /** The route goes on after the step that failed. Default false. */
  continued(decision: Decision): Self
  /** How often the failed step is tried again; -1 for ever. Default 0, whatever the error handler says. */
  maximumRedeliveries(times: number): Self
  /** Wait before each new try. Default: as in the error handler. */
  redeliveryDelay(delay: Duration): Self
  /** Whatever else of redelivery differs from the error handler. */
  redeliveryPolicy(options: ErrorHandlerOptions): Self
  /** Tried again as long as this holds, whatever the maximum. */
  retryWhile(condition: Condition<unknown>): Self
  /** The steps, or the dead letter endpoint, get the message as it entered the route. */
  useOriginalMessage(): Self
  /** They get the body as it entered the route. */
  useOriginalBody(): Self
  /** Runs before each new try, and may change the exchange. A function, or the name of a bean that is one. */
  onRedelivery(processor: Hook): Self
  /** Runs at each failure, before anything is done about it. What it throws is logged and changes nothing. */
  onExceptionOccurred(processor: Hook): Self
}

/** A clause of a route, before its first step. */
export interface OnExceptionBegun<in out S extends State> extends OnException<S>, ClauseVerbs<OnExceptionBegun<S>> {}

/** The steps of a clause: they run when nothing more is tried. */
export interface OnException<in out S extends State> extends Verbs<S> {
  /** Back to the route. */
  end(): S['outer'] extends infer O extends State ? At<O> : never
}

/** A clause for all routes of a context, before its first step. */
export interface OnExceptionAloneBegun<in out S extends State>
  extends OnExceptionAlone<S>,
    ClauseVerbs<OnExceptionAloneBegun<S>> {}

export interface OnExceptionAlone<in out S extends State> extends Verbs<S> {
  /** The clause so far as frozen plain data: what `createContext({ onException: […] })` takes. */
  readonly definition: OnExceptionDefinition
}

/** In the steps of a clause of a route: anything may have failed, with any body. */
export interface InClause<S extends State> {
  body: unknown
  components: S['components']
  in: 'onException'
  outer: S
  joined: never
}

/** In the steps of a clause that stands alone. */
export interface InClauseAlone {
  body: unknown
  /** None that the compiler knows. */
  components: Components
  in: 'onExceptionAlone'
  outer: never
  joined: never
}

/** Begins a clause. */
export const clauseOp = (exception: readonly ErrorType[]): Op => ({
  op: 'part',
  verb: 'onException',
  add(route, steps, options) {
    const clause = onExceptionDefinition(exception, options as OnExceptionOptions, steps)
    return { ...route, onException: [...(route.onException ?? []), clause] }
  },
})

const say = (builder: Builder, verb: string, set: OnExceptionOptions) =>
  builder.append({ op: 'option', verb, of: ['onException'], set })

const decided = (verb: string, decision: Decision) =>
  decision === false ? undefined : decision === true ? constant(true) : toExpression(verb, decision)

const hook = (processor: Hook) => toRef<Processor>(processor)

/** All but `onWhen`, which `doCatch` has as well. */
export const clauseVerbs: Family<Omit<ClauseVerbs<unknown>, 'onWhen'>> = {
  handled(decision) {
    return say(this, 'handled', { handled: decided('handled', decision) } as OnExceptionOptions)
  },
  continued(decision) {
    return say(this, 'continued', { continued: decided('continued', decision) } as OnExceptionOptions)
  },
  maximumRedeliveries(maximumRedeliveries) {
    return say(this, 'maximumRedeliveries', { maximumRedeliveries })
  },
  redeliveryDelay(redeliveryDelay) {
    return say(this, 'redeliveryDelay', { redeliveryDelay })
  },
  redeliveryPolicy(options) {
    return say(this, 'redeliveryPolicy', options)
  },
  retryWhile(condition) {
    return say(this, 'retryWhile', { retryWhile: toExpression('retryWhile', condition) })
  },
  useOriginalMessage() {
    return say(this, 'useOriginalMessage', { useOriginalMessage: true })
  },
  useOriginalBody() {
    return say(this, 'useOriginalBody', { useOriginalBody: true })
  },
  onRedelivery(processor) {
    return say(this, 'onRedelivery', { onRedelivery: hook(processor) })
  },
  onExceptionOccurred(processor) {
    return say(this, 'onExceptionOccurred', { onExceptionOccurred: hook(processor) })
  },
}
