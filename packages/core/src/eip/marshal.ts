import { chain } from '../runtime/thenable.ts'
import { dataFormatOf } from './data-format-of.ts'
import type { Eip } from './eip.ts'

/** The body becomes what a data format makes of it: text or bytes for the outside. */
export const marshal: Eip<'marshal'> = (step, at) => {
  const format = dataFormatOf(step.dataFormat, at)
  const { variableSend, variableReceive } = step
  const { contentType } = format
  return exchange => {
    const value = variableSend === undefined ? exchange.message.body : exchange.getVariable(variableSend)
    return chain(format.marshal(exchange, value), result => {
      if (variableReceive !== undefined) return void exchange.setVariable(variableReceive, result)
      exchange.message.body = result
      if (contentType !== undefined) exchange.message.setHeader('Content-Type', contentType)
    })
  }
}
