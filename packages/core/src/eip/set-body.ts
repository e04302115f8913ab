import { assign } from './assign.ts'
import type { Eip } from './eip.ts'

/** The body becomes what the expression gives. */
export const setBody: Eip<'setBody'> = (step, at) =>
  assign(at.expression(step.expression), (exchange, value) => {
    exchange.message.body = value
  })
