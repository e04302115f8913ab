import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { chain } from '../runtime/thenable.ts'
import type { Eip } from './eip.ts'
import { ConcurrencyLimiter, Limiters, PeriodLimiter } from './throttle-limiters.ts'

/** Throttler: lets so many exchanges through in a period, or at once; the others wait in order, or are rejected. */
export const throttle: Eip<'throttle'> = (step, at) => {
  const { mode, timePeriodMillis, rejectExecution } = step
  const limitOf = at.expression(step.expression)
  const keyOf = step.correlationExpression && at.expression(step.correlationExpression)
  const where = `${at.stepId} in route ${at.routeId}`
  const limiters = new Limiters(() =>
    mode === 'TotalRequests' ? new PeriodLimiter(at.clock, timePeriodMillis) : new ConcurrencyLimiter(),
  )
  const pass = (exchange: Exchange, key: unknown, value: unknown): void | Promise<void> => {
    const limit = toLimit(value, where)
    const limiter = limiters.of(key)
    if (limiter.tryPass(exchange, limit)) return
    if (rejectExecution) throw rejected(where, limit, mode, timePeriodMillis)
    return limiter.wait(exchange).then(passed => {
      if (!passed) throw new DromedaryError('DROMEDARY_NOT_ACCEPTING', `gave up the wait at ${where}: it must end`)
    })
  }
  if (keyOf === undefined) return exchange => chain(limitOf(exchange), limit => pass(exchange, undefined, limit))
  return exchange => chain(keyOf(exchange), key => chain(limitOf(exchange), limit => pass(exchange, key, limit)))
}

function toLimit(value: unknown, where: string): number {
  const limit = typeof value === 'number' ? value : value === null || value === undefined ? Number.NaN : Number(value)
  if (limit >= 0) return Math.floor(limit)
  throw new DromedaryError(
    'DROMEDARY_EXPRESSION_FAILED',
    `${where} needs a number that is not negative, but its expression gave ${String(value)}`,
  )
}

const rejected = (where: string, limit: number, mode: string, period: number) =>
  new DromedaryError(
    'DROMEDARY_THROTTLED',
    mode === 'TotalRequests'
      ? `${where} lets through ${limit} exchanges in ${period} ms, and rejects this one`
      : `${where} lets through ${limit} exchanges at once, and rejects this one`,
  )
