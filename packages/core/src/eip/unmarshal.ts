import type { Exchange } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import { dataFormatOf } from './data-format-of.ts'
import type { Eip } from './eip.ts'

/** The body becomes the value that a data format reads from it. */
export const unmarshal: Eip<'unmarshal'> = (step, at) => {
  const format = dataFormatOf(step.dataFormat, at)
  const { variableSend, variableReceive, allowNullBody } = step
  const take = (exchange: Exchange, value: unknown) => {
    if (variableReceive === undefined) exchange.message.body = value
    else exchange.setVariable(variableReceive, value)
  }
  return exchange => {
    const body = variableSend === undefined ? exchange.message.body : exchange.getVariable(variableSend)
    const isMissing = allowNullBody && (body === null || body === undefined)
    const value = isMissing ? null : format.unmarshal(exchange, body)
    if (isThenable(value)) return Promise.resolve(value).then(read => take(exchange, read))
    take(exchange, value)
  }
}
