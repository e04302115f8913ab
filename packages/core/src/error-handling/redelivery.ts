import { sleep } from '../clock.ts'
import type { RedeliveryPolicy } from '../definition/error-handler.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import type { ErrorHandlerPlace } from './error-handler.ts'

/** How it ended when no try succeeded. */
export interface Exhausted {
  readonly error: unknown
  readonly tries: number
}

/** Tries the failed step again, and only that; undefined when a try succeeded or halted the exchange in order. */
export function redeliverer(policy: RedeliveryPolicy, place: ErrorHandlerPlace, isFinal: (error: unknown) => boolean) {
  const delays = delayRule(policy, place)
  const max = policy.maximumRedeliveries
  const mayNot = () => place.ended() || (place.stopping() && !policy.allowRedeliveryWhileStopping)

  return async (
    exchange: Exchange,
    step: Processor,
    stepId: string,
    first: unknown,
  ): Promise<Exhausted | undefined> => {
    let error = first
    let lastDelay = policy.redeliveryDelay
    let tries = 0
    while (max < 0 || tries < max) {
      if (mayNot()) break
      lastDelay = delays(tries + 1, lastDelay)
      if (!(await sleep(place.clock, lastDelay, exchange.signal))) break
      // It may have begun to stop, or have been ended by force, during the wait.
      if (mayNot()) break
      tries++
      mark(exchange, tries, max)
      logTry(policy, place, exchange, stepId, tries, error)
      try {
        await step(exchange)
        return undefined
      } catch (thrown) {
        error = thrown
        if (isFinal(error)) break
      }
    }
    return { error, tries }
  }
}

function mark(exchange: Exchange, tries: number, max: number): void {
  const { message } = exchange
  message.setHeader(NAMES.redelivered, true)
  message.setHeader(NAMES.redeliveryCounter, tries)
  if (max > 0) message.setHeader(NAMES.redeliveryMaxCounter, max)
}

function logTry(
  policy: RedeliveryPolicy,
  place: ErrorHandlerPlace,
  exchange: Exchange,
  stepId: string,
  tries: number,
  error: unknown,
): void {
  const level = policy.retryAttemptedLogLevel
  if (!policy.logRetryAttempted || level === 'off') return
  const interval = Math.max(1, policy.retryAttemptedLogInterval)
  if (tries !== 1 && tries % interval !== 0) return
  place.log.log(level, `redelivery ${tries} of exchange ${exchange.id} to ${stepId}, which failed: ${messageOf(error)}`)
}

/** The wait before a try, worked out from its number (from 1) and the wait before the try before it. */
function delayRule(policy: RedeliveryPolicy, place: ErrorHandlerPlace): (attempt: number, last: number) => number {
  const steps = policy.delayPattern === undefined ? undefined : parsePattern(policy.delayPattern)
  if (steps) {
    return attempt => steps.findLast(step => attempt >= step.from)?.ms ?? policy.redeliveryDelay
  }
  return (attempt, last) => {
    let ms = policy.redeliveryDelay
    if (policy.useExponentialBackOff && attempt > 1) ms = last * policy.backOffMultiplier
    if (policy.useCollisionAvoidance) ms *= 1 + policy.collisionAvoidanceFactor * (2 * place.random() - 1)
    return Math.min(ms, policy.maximumRedeliveryDelay)
  }
}

/** `0:1000;5:5000`: in ascending order of the try from which on they hold. */
export function parsePattern(pattern: string): readonly { readonly from: number; readonly ms: number }[] {
  return pattern
    .split(';')
    .filter(part => part.trim() !== '')
    .map(part => {
      const match = /^\s*(\d+)\s*:\s*(\d+)\s*$/.exec(part)
      if (match === null) {
        throw new DromedaryError(
          'DROMEDARY_INVALID_OPTION',
          `delayPattern ${pattern} is broken at "${part}": write attempt:milliseconds;attempt:milliseconds`,
        )
      }
      return { from: Number(match[1]), ms: Number(match[2]) }
    })
    .sort((a, b) => a.from - b.from)
}
