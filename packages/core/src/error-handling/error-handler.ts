import type { Clock } from '../clock.ts'
import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import { DromedaryError, isDromedaryError, messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import type { Logger } from '../logger.ts'
import { type DeadLetter, deadLetter } from './dead-letter.ts'
import { redeliverer } from './redelivery.ts'

/** Takes over from the pipeline when a step has thrown. */
export interface ErrorHandler {
  /**
   * Deals with the failure: afterwards either `halt` is set, or the route goes on after the step. Never throws;
   * a promise, which never rejects, when it took time.
   */
  failed(exchange: Exchange, step: Processor, stepId: string, error: unknown): undefined | Promise<void>
}

export interface ErrorHandlerPlace {
  readonly routeId: string
  readonly clock: Clock
  readonly log: Logger
  random(): number
  /** Whether the route is on its way to a stop. */
  stopping(): boolean
  /** Whether the route was ended by force, and has not started again. */
  ended(): boolean
  /** How the dead letter endpoint is reached. */
  send(uri: string): { readonly uri: string; readonly send: Processor }
  complete(exchange: Exchange): void | Promise<void>
}

/** Another try cannot change these. */
const FINAL_CODES = new Set<string>([
  'DROMEDARY_NOT_LEADER',
  'DROMEDARY_NOT_ACCEPTING',
  'DROMEDARY_CALLS_TOO_DEEP',
  'DROMEDARY_SCHEME_NOT_ALLOWED',
  'DROMEDARY_STACK_OVERFLOW',
])
const isFinal = (error: unknown) => isDromedaryError(error) && FINAL_CODES.has(error.code)

/** V8's words for a full stack: where it is full, the step that happened to be on top is not the one to blame. */
const isStackOverflow = (error: unknown) =>
  error instanceof RangeError && error.message === 'Maximum call stack size exceeded'

/** Builds the handler of a route; undefined for `noErrorHandler`, which lets the pipeline throw. */
export function errorHandler(definition: ErrorHandlerDefinition, place: ErrorHandlerPlace): ErrorHandler | undefined {
  if (definition.kind === 'none') return undefined
  const { redelivery } = definition
  const redeliver = redeliverer(redelivery, place, isFinal)
  const dead: DeadLetter | undefined =
    definition.kind === 'deadLetterChannel' ? deadLetter(definition, place) : undefined

  const giveUp = (exchange: Exchange, stepId: string, error: unknown, tries: number): undefined | Promise<void> => {
    exchange.setProperty(NAMES.exceptionCaught, error)
    exchange.setProperty(NAMES.failureRouteId, place.routeId)
    exchange.setProperty(NAMES.failureNodeId, stepId)
    if (exchange.toEndpoint !== undefined) exchange.setProperty(NAMES.failureEndpoint, exchange.toEndpoint)
    if (redelivery.logExhausted && (dead === undefined || redelivery.logHandled)) {
      logFailure(place.log, redelivery, exchange, stepId, error, tries)
    }
    if (dead !== undefined && !isFinal(error)) return dead(exchange, error)
    exchange.fail(error)
  }

  return {
    failed(exchange, step, stepId, thrown) {
      const error = isStackOverflow(thrown) ? stackOverflow(place.routeId, stepId, thrown) : thrown
      if (redelivery.maximumRedeliveries === 0 || isFinal(error)) return giveUp(exchange, stepId, error, 0)
      return redeliver(exchange, step, stepId, error).then(outcome =>
        outcome === undefined ? undefined : giveUp(exchange, stepId, outcome.error, outcome.tries),
      )
    },
  }
}

function stackOverflow(routeId: string, stepId: string, cause: unknown): DromedaryError {
  const message = `step ${stepId} of route ${routeId} used up the call stack: look for a recursion without an end`
  return new DromedaryError('DROMEDARY_STACK_OVERFLOW', message, { cause })
}

function logFailure(
  log: Logger,
  policy: { readonly retriesExhaustedLogLevel: string; readonly logStackTrace: boolean },
  exchange: Exchange,
  stepId: string,
  error: unknown,
  tries: number,
): void {
  if (policy.retriesExhaustedLogLevel === 'off') return
  const after = tries === 0 ? '' : ` after ${tries} redeliver${tries === 1 ? 'y' : 'ies'}`
  const message = `exchange ${exchange.id} failed at ${stepId}${after}: ${messageOf(error)}`
  log.log(policy.retriesExhaustedLogLevel as 'error', message, policy.logStackTrace ? { error } : {})
}
