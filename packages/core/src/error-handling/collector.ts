import type { Exchange } from '../exchange/exchange.ts'
import type { ErrorHandler } from './error-handler.ts'
import { failureOf, noteFailure } from './failure.ts'

/** Takes the place of the error handler within steps whose failures the step around them deals with. */
export interface Collector extends ErrorHandler {
  /**
   * Whether the exchange failed in these steps themselves, and not in a route that they called, whose own error handler
   * has had its turn. Forgets it: ask once after each run.
   */
  thrown(exchange: Exchange): boolean
}

/** What fails fails the exchange, and nothing else happens: no redelivery, no log line. */
export function collector(routeId: string): Collector {
  const failed = new WeakSet<Exchange>()
  return {
    failed(exchange, step, stepId, thrown) {
      const error = failureOf(thrown, routeId, stepId)
      noteFailure(exchange, error, routeId, stepId, step)
      exchange.fail(error)
      failed.add(exchange)
      return undefined
    },
    thrown: exchange => failed.delete(exchange),
  }
}
