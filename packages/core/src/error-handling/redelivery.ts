import { sleep } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import type { Clause } from './clause.ts'
import { holds } from './closest.ts'
import type { ErrorHandlerPlace } from './error-handler.ts'
import type { RedeliveryRule } from './redelivery-policy.ts'

/** A failure, and what is to be done about it. */
export interface Failure {
  readonly error: unknown
  /** The `onException` that takes it. */
  readonly clause: Clause | undefined
  /** Of the clause, else of the error handler. */
  readonly rule: RedeliveryRule
  /** Another try cannot change it. */
  readonly isFinal: boolean
  /** It goes to the sender, never to a dead letter endpoint. */
  readonly toSender: boolean
}

/** How it ended when no try succeeded. */
export interface Exhausted {
  readonly failure: Failure
  readonly tries: number
}

export interface FailedStep {
  readonly run: Processor
  readonly id: string
}

/** What is known of a failure. A promise where a clause's `onExceptionOccurred` took time. */
export type Assess = (exchange: Exchange, step: FailedStep, thrown: unknown) => Failure | Promise<Failure>

/** Whether there may be another try, as far as the numbers go. */
export function mayTry({ isFinal, rule }: Failure, tries: number): boolean {
  const max = rule.policy.maximumRedeliveries
  return !isFinal && (rule.retryWhile !== undefined || max < 0 || tries < max)
}

/** Tries the failed step again, and only that; undefined when a try succeeded or halted the exchange in order. */
export function redeliverer(place: ErrorHandlerPlace, assess: Assess) {
  const mayNot = ({ policy }: RedeliveryRule) =>
    place.ended() || (place.stopping() && !policy.allowRedeliveryWhileStopping)

  return async (exchange: Exchange, step: FailedStep, first: Failure): Promise<Exhausted | undefined> => {
    let failure = first
    let lastDelay = failure.rule.policy.redeliveryDelay
    let tries = 0
    while (mayTry(failure, tries) && !mayNot(failure.rule)) {
      const { rule, clause, error } = failure
      if (!wanted(exchange, rule, tries, place)) break
      lastDelay = rule.delay(tries + 1, lastDelay)
      if (!(await sleep(place.clock, lastDelay, exchange.signal))) break
      // It may have begun to stop, or have been ended by force, during the wait.
      if (mayNot(rule)) break
      tries++
      place.failures.redeliveries++
      mark(exchange, tries, rule)
      logTry(place, rule, exchange, step.id, tries, error)
      try {
        if (clause?.onRedelivery) await clause.onRedelivery(exchange)
        if (exchange.halt === 0) await step.run(exchange)
        return undefined
      } catch (thrown) {
        failure = await assess(exchange, step, thrown)
      }
    }
    return { failure, tries }
  }
}

/** `retryWhile` sees the number of the try that it is asked about. */
function wanted(exchange: Exchange, rule: RedeliveryRule, tries: number, place: ErrorHandlerPlace): boolean {
  if (rule.retryWhile === undefined) return true
  const before = exchange.message.header(NAMES.redeliveryCounter)
  exchange.message.setHeader(NAMES.redeliveryCounter, tries + 1)
  if (holds(rule.retryWhile, false, exchange, 'retryWhile', place.log)) return true
  if (before === undefined) exchange.message.removeHeader(NAMES.redeliveryCounter)
  else exchange.message.setHeader(NAMES.redeliveryCounter, before)
  return false
}

function mark(exchange: Exchange, tries: number, { policy, retryWhile }: RedeliveryRule): void {
  const { message } = exchange
  message.setHeader(NAMES.redelivered, true)
  message.setHeader(NAMES.redeliveryCounter, tries)
  if (retryWhile === undefined && policy.maximumRedeliveries > 0)
    message.setHeader(NAMES.redeliveryMaxCounter, policy.maximumRedeliveries)
}

/** A message that goes elsewhere than to its sender bears no traces of redelivery. */
export function unmark(exchange: Exchange): void {
  for (const name of [NAMES.redelivered, NAMES.redeliveryCounter, NAMES.redeliveryMaxCounter])
    exchange.message.removeHeader(name)
}

function logTry(
  place: ErrorHandlerPlace,
  { policy }: RedeliveryRule,
  exchange: Exchange,
  stepId: string,
  tries: number,
  error: unknown,
): void {
  const level = policy.retryAttemptedLogLevel
  if (!policy.logRetryAttempted || level === 'off') return
  if (tries !== 1 && tries % policy.retryAttemptedLogInterval !== 0) return
  place.log.log(level, `redelivery ${tries} of exchange ${exchange.id} to ${stepId}, which failed: ${messageOf(error)}`)
}
