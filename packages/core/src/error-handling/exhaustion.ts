import type { RedeliveryPolicy } from '../definition/error-handler.ts'
import { messageOf } from '../errors.ts'
import { type Exchange, HALT } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import { isCalledOff } from './called-off.ts'
import type { Clause } from './clause.ts'
import { runClause } from './clause-run.ts'
import { holds } from './closest.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { ErrorHandlerPlace } from './error-handler.ts'
import { logCalledOff, logExhausted, type Outcome } from './failure-log.ts'
import { asksForOriginal, useOriginal } from './original-message.ts'
import { type Exhausted, unmark } from './redelivery.ts'
import { sharesUnitOfWork } from './shared-unit-of-work.ts'

/** What happens when nothing more is tried. Afterwards `halt` is set, or the route goes on. Never throws or rejects. */
export function exhaustion(own: RedeliveryPolicy, dead: DeadLetter | undefined, place: ErrorHandlerPlace) {
  const { log } = place

  /** To the dead letter endpoint, or to the sender. */
  const withoutClause = (exchange: Exchange, stepId: string, { failure, tries }: Exhausted) => {
    const { error, toSender } = failure
    const letter = toSender || sharesUnitOfWork(exchange) ? undefined : dead
    if (isCalledOff(error)) logCalledOff(log, exchange, stepId, error)
    else logExhausted(log, own, letter ? 'handled' : 'failed', exchange, stepId, error, tries)
    if (letter) return letter(exchange, error)
    exchange.fail(error)
  }

  const byClause = (exchange: Exchange, stepId: string, { failure, tries }: Exhausted, clause: Clause) => {
    const { error, toSender } = failure
    const { definition, steps } = clause
    const { policy } = clause.rule
    const continued = holds(clause.continued, false, exchange, 'continued', log)
    const letter = steps || continued || toSender ? undefined : dead
    const handled = letter !== undefined || holds(clause.handled, false, exchange, 'handled', log)
    const outcome: Outcome = continued ? 'continued' : handled ? 'handled' : 'failed'
    if (outcome === 'failed' && isCalledOff(error)) logCalledOff(log, exchange, stepId, error)
    else logExhausted(log, policy, outcome, exchange, stepId, error, tries)
    if (outcome !== 'failed') unmark(exchange)
    if (letter) return letter(exchange, error, asksForOriginal(definition) ? definition : undefined)

    const settle = () => {
      if (continued) return
      if (handled) exchange.halt |= HALT.handled
      else exchange.fail(error)
    }
    if (steps === undefined) return settle()
    useOriginal(exchange, definition)
    const ended = (inOrder: boolean) => (inOrder ? settle() : failedAnew(exchange, error, policy))
    const running = runClause(definition, steps, exchange)
    return isThenable(running) ? running.then(ended) : ended(running)
  }

  /** Nothing deals with a failure in the steps of a clause: it goes to the sender instead of the one before it. */
  const failedAnew = (exchange: Exchange, before: unknown, policy: RedeliveryPolicy): void => {
    const error = exchange.exception
    if (isCalledOff(error)) logCalledOff(log, exchange, 'onException', error)
    else if (policy.logNewException) {
      const message = `exchange ${exchange.id} failed in an onException: ${messageOf(error)}; it had failed with: ${messageOf(before)}`
      log.error(message, policy.logStackTrace ? { error } : {})
    }
  }

  return (exchange: Exchange, stepId: string, exhausted: Exhausted): undefined | Promise<void> => {
    const { clause } = exhausted.failure
    return (
      clause === undefined ? withoutClause(exchange, stepId, exhausted) : byClause(exchange, stepId, exhausted, clause)
    ) as undefined | Promise<void>
  }
}
