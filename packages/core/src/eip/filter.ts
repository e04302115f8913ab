import type { Eip } from './eip.ts'

/** Message Filter: runs its steps only for exchanges that match; the route goes on after it either way. */
export const filter: Eip<'filter'> = (step, at) => {
  const matches = at.predicate(step.expression)
  const steps = at.steps(step.steps)
  const status = step.statusPropertyName
  if (status === undefined) return exchange => (matches(exchange) ? steps(exchange) : undefined)
  return exchange => {
    const matched = matches(exchange)
    exchange.setProperty(status, matched)
    return matched ? steps(exchange) : undefined
  }
}
