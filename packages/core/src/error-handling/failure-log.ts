import type { RedeliveryPolicy } from '../definition/error-handler.ts'
import { messageOf } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Logger, LogLevel } from '../logger.ts'

/** What became of a failure: it decides whether the log speaks of it. */
export type Outcome = 'failed' | 'handled' | 'continued'

/** The line when nothing more is tried. */
export function logExhausted(
  log: Logger,
  policy: RedeliveryPolicy,
  outcome: Outcome,
  exchange: Exchange,
  stepId: string,
  error: unknown,
  tries: number,
): void {
  const level = policy.retriesExhaustedLogLevel
  if (level === 'off' || !policy.logExhausted) return
  if ((outcome === 'handled' && !policy.logHandled) || (outcome === 'continued' && !policy.logContinued)) return
  const after = tries === 0 ? '' : ` after ${tries} redeliver${tries === 1 ? 'y' : 'ies'}`
  const message = `exchange ${exchange.id} failed at ${stepId}${after}: ${messageOf(error)}`
  log.log(level as LogLevel, message, policy.logStackTrace ? { error } : {})
}

/** What was called off is no failure of the message: whoever called it off says so, once. */
export function logCalledOff(log: Logger, exchange: Exchange, stepId: string, error: unknown): void {
  if (log.isEnabled('debug')) log.debug(`exchange ${exchange.id} was called off at ${stepId}: ${messageOf(error)}`)
}

/** A failure of what only listens. */
export const logIgnored = (log: Logger, what: string, exchange: Exchange) => (error: unknown) =>
  log.warn(`${what} failed for exchange ${exchange.id}, and is ignored: ${messageOf(error)}`, { error })
