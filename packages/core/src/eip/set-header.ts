import type { Eip } from './eip.ts'
import { named } from './named.ts'

/** Sets one header. The name may be Simple. */
export const setHeader: Eip<'setHeader'> = (step, at) =>
  named(step.name, step.expression, at, (exchange, name, value) => exchange.message.setHeader(name, value))
