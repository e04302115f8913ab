import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Expression } from '../language/language.ts'
import { isThenable } from '../runtime/thenable.ts'

/** A step that works out a value, waits for it where it is a promise, and puts it somewhere. */
export function assign(expression: Expression, put: (exchange: Exchange, value: unknown) => void): Processor {
  return exchange => {
    const value = expression(exchange)
    // By way of a promise: what the `then` of a foreign thenable returns is anything.
    if (isThenable(value)) return Promise.resolve(value).then(settled => put(exchange, settled))
    put(exchange, value)
  }
}
