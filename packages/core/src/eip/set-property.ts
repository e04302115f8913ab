import type { Eip } from './eip.ts'
import { named } from './named.ts'

/** Sets one exchange property. The name may be Simple. */
export const setProperty: Eip<'setProperty'> = (step, at) =>
  named(step.name, step.expression, at, (exchange, name, value) => exchange.setProperty(name, value))
