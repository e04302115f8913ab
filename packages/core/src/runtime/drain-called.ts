import type { Route } from './route.ts'

/**
 * Empties routes that only others call, together: what one of them has kept back may go to another one, by a name that
 * nobody knows before the message does. So each stays open for calls by routes, and is drained again when something came
 * after it was empty, until all are. Those that call each other in a circle might go on for ever: their turns are counted.
 */
export function drainCalled(routes: readonly Route[], deadline: number): Promise<void> {
  const left = new Map(routes.map(route => [route, routes.length * routes.length + 1]))
  const drainedAt = new Map<Route, number>()
  const busy = new Set<Route>()
  const { promise, resolve } = Promise.withResolvers<void>()

  const drain = async (route: Route) => {
    busy.add(route)
    left.set(route, (left.get(route) ?? 0) - 1)
    drainedAt.set(route, route.statistics.total)
    await route.drain(deadline)
    busy.delete(route)
    look()
  }
  const look = () => {
    for (const route of routes) {
      const isEmpty = drainedAt.get(route) === route.statistics.total
      if (!isEmpty && !busy.has(route) && (left.get(route) ?? 0) > 0) void drain(route)
    }
    if (busy.size === 0) resolve()
  }
  look()
  return promise
}

/** The second half of it: they take no more, and end. */
export async function endCalled(routes: readonly Route[], deadline: number): Promise<void> {
  await drainCalled(routes, deadline)
  // One that does not heed that its start was called off keeps none from its end.
  const starting = routes.filter(route => route.status === 'starting')
  const others = routes.filter(route => !starting.includes(route))
  const late = Promise.all(starting.map(route => end(route, deadline)))
  await Promise.all(others.map(route => route.quiesce(deadline)))
  await Promise.all(others.map(route => route.finish(deadline)))
  await late
}

/** Both halves of a stop. */
export async function end(route: Route, deadline: number): Promise<void> {
  await route.quiesce(deadline)
  await route.finish(deadline)
}
