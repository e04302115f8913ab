import { DromedaryError } from '../errors.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { Eip } from './eip.ts'

/** A step in TypeScript: the function itself, or a bean that is one. */
export const process: Eip<'process'> = (step, at) => {
  const { processor } = step
  if (typeof processor === 'function') return processor
  const bean = at.lookup(processor.ref)
  if (typeof bean === 'function') return bean as Processor
  const found = bean === undefined ? 'there is no such bean' : 'it is not a function'
  throw new DromedaryError('DROMEDARY_UNKNOWN_BEAN', `process in route ${at.routeId} names ${processor.ref}: ${found}`)
}
