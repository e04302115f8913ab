import { DromedaryError } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'

/** V8's words for a full stack: where it is full, the step that happened to be on top is not the one to blame. */
const isStackOverflow = (error: unknown) =>
  error instanceof RangeError && error.message === 'Maximum call stack size exceeded'

/** What was thrown, or what it is called better. */
export function failureOf(thrown: unknown, routeId: string, stepId: string): unknown {
  if (!isStackOverflow(thrown)) return thrown
  const message = `step ${stepId} of route ${routeId} used up the call stack: look for a recursion without an end`
  return new DromedaryError('DROMEDARY_STACK_OVERFLOW', message, { cause: thrown })
}

/** Steps that take the failures of others: these have said where they failed, and repeating the whole is not asked for. */
const taking = new WeakSet<Processor>()

/** Marks a step that rethrows what failed in its own steps: it is never redelivered as a whole. */
export function neverRedelivered(processor: Processor): Processor {
  taking.add(processor)
  return processor
}

export const isRedelivered = (step: Processor): boolean => !taking.has(step)

/** Sets the properties that say what failed and where. */
export function noteFailure(
  exchange: Exchange,
  error: unknown,
  routeId: string,
  stepId: string,
  step: Processor,
): void {
  exchange.setProperty(NAMES.exceptionCaught, error)
  exchange.setProperty(NAMES.failureRouteId, routeId)
  if (isRedelivered(step)) exchange.setProperty(NAMES.failureNodeId, stepId)
  if (exchange.toEndpoint !== undefined) exchange.setProperty(NAMES.failureEndpoint, exchange.toEndpoint)
}
