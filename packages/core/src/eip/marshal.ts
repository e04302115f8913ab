import type { Exchange } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import { dataFormatOf } from './data-format-of.ts'
import type { Eip } from './eip.ts'

/** The body becomes what a data format makes of it: text or bytes for the outside. */
export const marshal: Eip<'marshal'> = (step, at) => {
  const format = dataFormatOf(step.dataFormat, at)
  const { variableSend, variableReceive } = step
  const { contentType } = format
  const take = (exchange: Exchange, result: unknown) => {
    if (variableReceive !== undefined) return void exchange.setVariable(variableReceive, result)
    exchange.message.body = result
    if (contentType !== undefined) exchange.message.setHeader('Content-Type', contentType)
  }
  return exchange => {
    const value = variableSend === undefined ? exchange.message.body : exchange.getVariable(variableSend)
    const result = format.marshal(exchange, value)
    if (isThenable(result)) return Promise.resolve(result).then(written => take(exchange, written))
    take(exchange, result)
  }
}
