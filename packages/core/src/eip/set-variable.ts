import type { Eip } from './eip.ts'
import { named } from './named.ts'

/** Sets one variable: `name`, `global:name`, `route:name`. The name may be Simple. */
export const setVariable: Eip<'setVariable'> = (step, at) =>
  named(step.name, step.expression, at, (exchange, name, value) => exchange.setVariable(name, value))
