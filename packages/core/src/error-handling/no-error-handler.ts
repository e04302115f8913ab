import type { Logger } from '../logger.ts'
import { isCalledOff } from './called-off.ts'
import type { ErrorHandler } from './error-handler.ts'
import { noteFailure } from './failure.ts'
import { logCalledOff } from './failure-log.ts'

/** Throws failures on to the calling route, or to the consumer; what was called off ends the exchange instead, quietly. */
export function noHandling(routeId: string, log: Logger): ErrorHandler {
  return {
    failed(exchange, step, stepId, thrown) {
      if (!isCalledOff(thrown)) throw thrown
      noteFailure(exchange, thrown, routeId, stepId, step)
      logCalledOff(log, exchange, stepId, thrown)
      exchange.fail(thrown)
      return undefined
    },
  }
}
