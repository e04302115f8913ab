import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Expression } from '../language/language.ts'
import { isThenable } from '../runtime/thenable.ts'

/** A step that works out a value, waits for it where it is a promise, and puts it somewhere. */
export function assign(expression: Expression, put: (exchange: Exchange, value: unknown) => void): Processor {
  return exchange => {
    const value = expression(exchange)
    if (isThenable(value)) return value.then(settled => put(exchange, settled))
    put(exchange, value)
  }
}
