import type { ExchangePattern, Processor } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import type { Eip } from './eip.ts'

/** Message Endpoint: sends the exchange to a fixed endpoint, resolved when the route is compiled. */
export const to: Eip<'to'> = (step, at) => withPattern(at.sender(step.uri).send, step.pattern)

/** Forces the exchange pattern for one send and puts the old one back. */
export function withPattern(send: Processor, pattern: ExchangePattern | undefined): Processor {
  if (pattern === undefined) return send
  return exchange => {
    const before = exchange.pattern
    exchange.pattern = pattern
    const restore = () => {
      exchange.pattern = before
    }
    let result: unknown
    try {
      result = send(exchange)
    } catch (error) {
      restore()
      throw error
    }
    if (isThenable(result)) return Promise.resolve(result).finally(restore)
    restore()
  }
}
