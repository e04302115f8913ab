import { simple } from '../definition/expression.ts'
import type { Logger } from '../logger.ts'
import type { Eip } from './eip.ts'

/** Logs a Simple text. The category is the route id, the origin the endpoint that the exchange came from. */
export const log: Eip<'log'> = (step, at) => {
  const category = step.logName === undefined ? at.routeId : at.text(step.logName)
  const message = at.expression(simple(step.message))
  const level = step.loggingLevel
  const loggers = new Map<string, Logger>()
  const loggerFor = (endpoint: string) => {
    let logger = loggers.get(endpoint)
    if (logger === undefined) {
      const query = endpoint.indexOf('?')
      const origin = query < 0 ? endpoint : endpoint.slice(0, query)
      // What code of one's own sends in comes from nowhere: then it is the route's.
      logger = at.logger(category, origin === '' ? undefined : origin)
      loggers.set(endpoint, logger)
    }
    return logger
  }
  return exchange => {
    const logger = loggerFor(exchange.fromEndpoint)
    if (logger.isEnabled(level)) logger.log(level, String(message(exchange)))
  }
}
