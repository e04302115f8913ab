import { chain } from '../runtime/thenable.ts'
import { dataFormatOf } from './data-format-of.ts'
import type { Eip } from './eip.ts'

/** The body becomes the value that a data format reads from it. */
export const unmarshal: Eip<'unmarshal'> = (step, at) => {
  const format = dataFormatOf(step.dataFormat, at)
  const { variableSend, variableReceive, allowNullBody } = step
  return exchange => {
    const body = variableSend === undefined ? exchange.message.body : exchange.getVariable(variableSend)
    const isMissing = allowNullBody && (body === null || body === undefined)
    return chain(isMissing ? null : format.unmarshal(exchange, body), value => {
      if (variableReceive === undefined) exchange.message.body = value
      else exchange.setVariable(variableReceive, value)
    })
  }
}
