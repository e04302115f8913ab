import { DromedaryError } from '../errors.ts'
import { isThenable } from '../runtime/thenable.ts'
import type { Eip } from './eip.ts'

/** Resume: says which position of its source an exchange has, so that the route can go on after it. */
export const resumable: Eip<'resumable'> = (step, at) => {
  const position = at.expression(step.position)
  const reached = at.resume(step)
  return exchange => {
    const value = position(exchange)
    if (isThenable(value)) {
      throw new DromedaryError(
        'DROMEDARY_EXPRESSION_FAILED',
        `the position of the resumable step in route ${at.routeId} came as a promise: exchanges could overtake each other`,
      )
    }
    if (value !== undefined && value !== null) return reached(exchange, value)
    if (step.intermittent) return
    throw new DromedaryError(
      'DROMEDARY_EXPRESSION_FAILED',
      `an exchange has no position at the resumable step of route ${at.routeId}: correct its expression, or set intermittent where messages without one are expected`,
    )
  }
}
