import { type ExpressionDefinition, simple } from '../definition/expression.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import { assign } from './assign.ts'
import type { StepCompiler } from './eip.ts'

/** A step that sets something by name, where the name may be Simple (`order-${header.id}`). */
export function named(
  name: string,
  value: ExpressionDefinition,
  at: StepCompiler,
  put: (exchange: Exchange, name: string, value: unknown) => unknown,
): Processor {
  const fixed = at.text(name)
  const expression = at.expression(value)
  if (!fixed.includes('${')) return assign(expression, (exchange, settled) => void put(exchange, fixed, settled))
  const nameOf = at.expression(simple(name))
  return assign(expression, (exchange, settled) => void put(exchange, String(nameOf(exchange)), settled))
}
