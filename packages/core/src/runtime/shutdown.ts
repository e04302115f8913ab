import { endCalled } from './drain-called.ts'
import type { Route } from './route.ts'

/**
 * Graceful shutdown. First every route that brings exchanges in takes no more, the one started last first; each ends
 * as soon as it has drained. Then the routes that only others call, together. One deadline holds for all.
 */
export async function shutdown(startOrder: readonly Route[], deadline: number): Promise<void> {
  const order = startOrder.toReversed()
  for (const route of order) route.neverAgain()
  const active = order.filter(route => !route.passive)
  // In order, but none waits for another: one that cannot quiesce would use up the time of all the others.
  await Promise.all(active.map(route => route.quiesce(deadline)))
  await Promise.all(active.map(route => route.finish(deadline)))
  await endCalled(
    order.filter(route => route.passive),
    deadline,
  )
}

/** Ascending `startupOrder`; routes without one follow from 1000 on, in the order of writing, as in Camel. */
export function startOrder(routes: readonly Route[]): Route[] {
  const order = (route: Route, index: number) => route.definition.startupOrder ?? 1000 + index
  return routes
    .map((route, index) => ({ route, order: order(route, index) }))
    .sort((a, b) => a.order - b.order)
    .map(({ route }) => route)
}
