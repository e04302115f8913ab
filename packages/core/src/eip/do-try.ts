import { closest } from '../error-handling/closest.ts'
import { neverRedelivered } from '../error-handling/failure.ts'
import { type Exchange, HALT } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import { andThen, isThenable } from '../runtime/thenable.ts'
import type { Eip, TriedSteps } from './eip.ts'

/**
 * try, catch and finally for steps. The route's error handler has no part in them: nothing is redelivered. A failure goes to
 * the closest clause, in which the exchange has not failed; one that no clause takes, or that a clause or `doFinally` raises,
 * is a failure of this step, and goes to the error handler. What fails in a route that is called here has had the error
 * handler of that route, and goes to a clause after it.
 */
export const doTry: Eip<'doTry'> = (step, at) => {
  const log = at.logger(at.routeId)
  const attempt = at.tried(step.steps)
  const clauses = step.doCatch.map(({ exception, onWhen, steps }) => ({
    exception,
    onWhen: onWhen && at.predicate(onWhen),
    steps: at.tried(steps),
  }))
  const atLast = step.doFinally && at.tried(step.doFinally.steps)

  /** Runs the clause for what failed; whether a failure of these steps is left, to be thrown on. */
  const caught = (exchange: Exchange): boolean | Promise<boolean> => {
    const thrown = attempt.thrown(exchange)
    const error = exchange.exception
    const clause = closest([clauses], error, exchange, log)
    if (clause === undefined) return thrown
    const others = exchange.halt & ~HALT.exception
    recover(exchange)
    exchange.setProperty(NAMES.exceptionCaught, error)
    return andThen(clause.steps.run(exchange), () => {
      exchange.halt |= others
      return clause.steps.thrown(exchange)
    })
  }

  const ended = (exchange: Exchange, thrown: boolean): void => {
    if (!thrown) return
    const error = exchange.exception
    exchange.exception = undefined
    exchange.halt &= ~HALT.exception
    throw error
  }

  const finish = (exchange: Exchange, thrown: boolean, last: TriedSteps): void | Promise<void> => {
    const { halt, exception } = exchange
    recover(exchange)
    if (halt & HALT.exception) exchange.setProperty(NAMES.exceptionCaught, exception)
    return andThen(last.run(exchange), () => {
      const anew = last.thrown(exchange)
      const failedHere = (exchange.halt & HALT.exception) !== 0
      exchange.halt |= halt
      if (!failedHere) exchange.exception = exception
      return ended(exchange, failedHere ? anew : thrown)
    })
  }

  const after = (exchange: Exchange, thrown: boolean): void | Promise<void> =>
    atLast === undefined ? ended(exchange, thrown) : finish(exchange, thrown, atLast)

  const tried = (exchange: Exchange): void | Promise<void> => {
    if ((exchange.halt & HALT.exception) === 0) return after(exchange, false)
    const outcome = caught(exchange)
    return typeof outcome === 'boolean' ? after(exchange, outcome) : outcome.then(thrown => after(exchange, thrown))
  }

  return neverRedelivered(exchange => {
    const running = attempt.run(exchange)
    return isThenable(running) ? Promise.resolve(running).then(() => tried(exchange)) : tried(exchange)
  })
}

/** Steps may run on it again. */
function recover(exchange: Exchange): void {
  exchange.exception = undefined
  exchange.halt = 0
}
