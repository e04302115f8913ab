import { Exchange } from '../../exchange/exchange.ts'

/**
 * The exchange as it is now, under the same id: later changes to headers, properties and variables do not show. The body
 * is shared, as everywhere. Unlike `exchange.copy()` it is no message of its own, so it gets no correlation id.
 */
export function snapshot(exchange: Exchange): Exchange {
  const { id, services } = exchange
  const { converters, variables } = services
  const copy = new Exchange(
    { converters, variables, nextId: () => id },
    exchange.body,
    exchange.fromRouteId,
    exchange.fromEndpoint,
  )
  copy.message = exchange.message.copy()
  copy.pattern = exchange.pattern
  copy.exception = exchange.exception
  copy.halt = exchange.halt
  copy.guard = exchange.guard
  copy.signal = exchange.signal
  copy.toEndpoint = exchange.toEndpoint
  for (const [name, value] of exchange.properties) copy.setProperty(name, value)
  for (const [name, value] of exchange.variables) copy.setVariable(name, value)
  return copy
}
