import type { Clock } from '../clock.ts'
import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { OnExceptionDefinition } from '../definition/on-exception.ts'
import { isDromedaryError } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import type { FailureCounts } from '../runtime/meter.ts'
import { andThen } from '../runtime/thenable.ts'
import { isCalledOff } from './called-off.ts'
import { type ClausePlace, compileClause } from './clause.ts'
import { clausesUnderWay } from './clause-run.ts'
import { closest } from './closest.ts'
import { type DeadLetter, deadLetter } from './dead-letter.ts'
import { exhaustion } from './exhaustion.ts'
import { failureOf, isRedelivered, noteFailure } from './failure.ts'
import { logIgnored } from './failure-log.ts'
import { noHandling } from './no-error-handler.ts'
import { type Assess, type Failure, mayTry, redeliverer } from './redelivery.ts'
import { redeliveryRule } from './redelivery-policy.ts'

/** Takes over from the pipeline when a step has thrown. */
export interface ErrorHandler {
  /**
   * Deals with the failure: afterwards either `halt` is set, or the route goes on after the step. A promise
   * when it took time. Throws, or rejects, only where there is no error handler: then the pipeline does.
   */
  failed(exchange: Exchange, step: Processor, stepId: string, error: unknown): undefined | Promise<void>
}

export interface ErrorHandlerPlace {
  readonly routeId: string
  readonly clock: Clock
  readonly log: Logger
  readonly failures: FailureCounts
  random(): number
  /** Whether the route is on its way to a stop. */
  stopping(): boolean
  /** Whether the route was ended by force, and has not started again. */
  ended(): boolean
  /** How the dead letter endpoint is reached. */
  send(uri: string): { readonly uri: string; readonly send: Processor }
  complete(exchange: Exchange): void | Promise<void>
}

/** Another try cannot change these, and they say nothing against the message. */
const FINAL_CODES = new Set<string>([
  'DROMEDARY_CALLS_TOO_DEEP',
  'DROMEDARY_SCHEME_NOT_ALLOWED',
  'DROMEDARY_STACK_OVERFLOW',
])
const isFinal = (error: unknown) => (isDromedaryError(error) && FINAL_CODES.has(error.code)) || isCalledOff(error)

/** The `onException` of the route, then those of the context. */
export type ClauseScopes = readonly (readonly OnExceptionDefinition[])[]

/**
 * Builds the handler of a route. Nothing here runs, or is made, for an exchange that does not fail.
 */
export function errorHandler(
  definition: ErrorHandlerDefinition,
  scopes: ClauseScopes,
  place: ErrorHandlerPlace & ClausePlace,
): ErrorHandler {
  const { log, routeId } = place
  if (definition.kind === 'none') return noHandling(routeId, log)
  const { redelivery } = definition
  const ownRule = redeliveryRule(redelivery, place.random)
  const clauses = scopes.map(scope => scope.map(clause => compileClause(clause, redelivery, place)))
  const dead: DeadLetter | undefined =
    definition.kind === 'deadLetterChannel' ? deadLetter(definition, place) : undefined
  const giveUp = exhaustion(redelivery, dead, place)

  const assess: Assess = (exchange, step, thrown) => {
    const error = failureOf(thrown, routeId, step.id)
    noteFailure(exchange, error, routeId, step.id, step.run)
    const underWay = clausesUnderWay(exchange)
    const free =
      underWay.length === 0 ? clauses : clauses.map(scope => scope.filter(c => !underWay.includes(c.definition)))
    const clause = closest(free, error, exchange, log)
    const toSender = isFinal(error)
    const rule = clause?.rule ?? ownRule
    const failure: Failure = { error, clause, rule, toSender, isFinal: toSender || !isRedelivered(step.run) }
    if (clause?.onExceptionOccurred === undefined) return failure
    const ignore = logIgnored(log, 'onExceptionOccurred', exchange)
    try {
      const told = clause.onExceptionOccurred(exchange)
      return andThen(Promise.resolve(told).catch(ignore), () => failure)
    } catch (ignored) {
      ignore(ignored)
      return failure
    }
  }
  const redeliver = redeliverer(place, assess)
  const count = (exchange: Exchange): void => {
    if (!exchange.failed) place.failures.handled++
  }
  const given = (exchange: Exchange, pending: undefined | Promise<void>): undefined | Promise<void> => {
    if (pending !== undefined) return pending.then(() => count(exchange))
    count(exchange)
  }

  return {
    failed(exchange, run, id, thrown) {
      const step = { run, id }
      const proceed = (failure: Failure): undefined | Promise<void> => {
        if (!mayTry(failure, 0)) return given(exchange, giveUp(exchange, id, { failure, tries: 0 }))
        return redeliver(exchange, step, failure).then(
          outcome => outcome && given(exchange, giveUp(exchange, id, outcome)),
        )
      }
      const failure = assess(exchange, step, thrown)
      return failure instanceof Promise ? failure.then(proceed) : proceed(failure)
    },
  }
}
