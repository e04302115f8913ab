import { assign } from './assign.ts'
import type { Eip } from './eip.ts'

/** Message Translator: the body becomes what the expression makes of the message. */
export const transform: Eip<'transform'> = (step, at) =>
  assign(at.expression(step.expression), (exchange, value) => {
    exchange.message.body = value
  })
