import { HALT } from '../exchange/exchange.ts'
import type { Eip } from './eip.ts'

/** Ends the exchange here, as completed. */
export const stop: Eip<'stop'> = () => exchange => {
  exchange.halt |= HALT.stop
}
