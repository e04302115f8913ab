import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import { type Exchange, HALT } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import { isCalledOff } from './called-off.ts'
import type { ErrorHandlerPlace } from './error-handler.ts'
import { logCalledOff } from './failure-log.ts'
import { type UseOriginal, useOriginal } from './original-message.ts'
import { unmark } from './redelivery.ts'

/** Moves a failed exchange to the dead letter endpoint and marks it as dealt with. Never throws or rejects. */
export type DeadLetter = (exchange: Exchange, error: unknown, use?: UseOriginal) => undefined | Promise<void>

type Channel = Extract<ErrorHandlerDefinition, { kind: 'deadLetterChannel' }>

/**
 * Where each letter under way has been sent by now. A letter that fails goes nowhere that it has been: else a dead letter
 * route under the same error handler would send itself letters without end. Camel breaks such a circle as well.
 */
const sentTo = new WeakMap<Exchange, ReadonlySet<string>>()

/** Dead Letter Channel. What it sends is a copy: the exchange itself stays as the failing step left it. */
export function deadLetter(channel: Channel, place: ErrorHandlerPlace): DeadLetter {
  const target = place.send(channel.deadLetterUri)

  const failed = (exchange: Exchange, cause: unknown, original: unknown): undefined => {
    // The member could not send it, which says nothing against the letter: swallowed, it would be lost.
    if (isCalledOff(cause)) {
      logCalledOff(place.log, exchange, target.uri, cause)
      exchange.fail(cause)
      return
    }
    const message =
      `route ${place.routeId} could not send a failed exchange to its dead letter endpoint ${target.uri}: ` +
      `${messageOf(cause)}; it had failed with: ${messageOf(original)}`
    const error = new DromedaryError('DROMEDARY_DEAD_LETTER_FAILED', message, { cause })
    place.log.error(message)
    if (channel.deadLetterHandleNewException) handled(exchange)
    else exchange.fail(error)
  }

  return (exchange, error, use = channel) => {
    const before = sentTo.get(exchange)
    if (before?.has(target.uri)) {
      exchange.fail(error)
      return
    }
    const copy = letter(exchange, use)
    sentTo.set(copy, new Set(before).add(target.uri))
    const done = (): undefined | Promise<void> => {
      if (copy.failed) return failed(exchange, copy.exception, error)
      handled(exchange)
    }
    const ended = (): undefined | Promise<void> => {
      const completion = place.complete(copy)
      return isThenable(completion) ? Promise.resolve(completion).then(done) : done()
    }
    const notSent = (cause: unknown) => {
      copy.fail(cause)
      return ended()
    }
    let sent: unknown
    try {
      sent = target.send(copy)
    } catch (cause) {
      return notSent(cause)
    }
    return isThenable(sent) ? Promise.resolve(sent).then(ended, notSent) : ended()
  }
}

function letter(exchange: Exchange, use: UseOriginal): Exchange {
  const copy = exchange.copy()
  useOriginal(copy, use)
  copy.pattern = 'InOnly'
  unmark(copy)
  return copy
}

function handled(exchange: Exchange): void {
  exchange.exception = undefined
  exchange.halt |= HALT.handled
}
