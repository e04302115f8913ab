import { sleep } from '../clock.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import { parseDuration } from '../uri/duration.ts'
import type { Eip } from './eip.ts'

/** Delayer: waits before it goes on. An abort of the exchange's signal ends the wait with `DROMEDARY_NOT_ACCEPTING`. */
export const delay: Eip<'delay'> = (step, at) => {
  const expression = at.expression(step.expression)
  const wait = async (exchange: Exchange, ms: number) => {
    if (await sleep(at.clock, ms, exchange.signal)) return
    throw new DromedaryError('DROMEDARY_NOT_ACCEPTING', `route ${at.routeId} gave up a delay of ${ms} ms: it must end`)
  }
  const milliseconds = (value: unknown) => {
    if (typeof value === 'number') return value
    return value === null || value === undefined || value === '' ? 0 : parseDuration(String(value))
  }
  return exchange => {
    const value = expression(exchange)
    if (isThenable(value)) return Promise.resolve(value).then(settled => wait(exchange, milliseconds(settled)))
    const ms = milliseconds(value)
    return ms > 0 ? wait(exchange, ms) : undefined
  }
}
