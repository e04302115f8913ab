import { before } from './before.ts'
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
  // One that does not heed that its start was called off keeps none from its end.
  const starting = active.filter(route => route.status === 'starting')
  const others = active.filter(route => !starting.includes(route))
  const late = Promise.all(
    starting.map(async route => {
      await route.quiesce(deadline)
      await route.finish(deadline)
    }),
  )
  // In order, but none waits for another: one that cannot quiesce would use up the time of all the others.
  await Promise.all(others.map(route => route.quiesce(deadline)))
  await Promise.all(others.map(route => route.finish(deadline)))
  const clock = starting[0]?.entry.clock
  // It may have brought in something for those that are called.
  if (clock) await before(clock, (clock.monotonic() + deadline) / 2, late)
  await endCalled(
    order.filter(route => route.passive),
    deadline,
  )
  await late
}

/** Ascending `startupOrder`; routes without one follow from 1000 on, in the order of writing, as in Camel. */
export function startOrder(routes: readonly Route[]): Route[] {
  const order = (route: Route, index: number) => route.definition.startupOrder ?? 1000 + index
  return routes
    .map((route, index) => ({ route, order: order(route, index) }))
    .sort((a, b) => a.order - b.order)
    .map(({ route }) => route)
}
