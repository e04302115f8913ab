import { before } from './before.ts'
import { end, endCalled } from './drain-called.ts'
import type { Route } from './route.ts'

/** Something else is done with it first, and may hang. */
const BUSY = /^(starting|resuming|stopping|suspending)$/

/**
 * Graceful shutdown. First every route that brings exchanges in takes no more, the one started last first; each ends
 * as soon as it has drained. Then the routes that only others call, together. One deadline holds for all.
 */
export async function shutdown(startOrder: readonly Route[], deadline: number): Promise<void> {
  const order = startOrder.toReversed()
  const clock = order[0]?.entry.clock
  if (clock === undefined) return
  for (const route of order) route.neverAgain()
  const half = (clock.monotonic() + deadline) / 2
  const active = order.filter(route => !route.passive)
  const late = active.filter(route => BUSY.test(route.status))
  const ends = late.map(route => end(route, deadline))
  // In order, but none waits for another for long: one that hangs, or cannot quiesce, would use up the time of all the others.
  const others = new Set(active.filter(route => !late.includes(route)))
  const quiescing = new Set(others)
  const quiesced = [...others].map(async route => {
    await route.quiesce(deadline)
    quiescing.delete(route)
  })
  await before(clock, half, Promise.all(quiesced))
  for (const route of quiescing) {
    others.delete(route)
    ends.push(route.finish(deadline))
  }
  await Promise.all([...others].map(route => route.finish(deadline)))
  // What the late ones bring in may be for those that are called.
  await before(clock, half, Promise.all(ends))
  await before(clock, deadline, Promise.all(active.map(route => route.entry.idle())))
  await endCalled(
    order.filter(route => route.passive),
    deadline,
  )
  await Promise.all(ends)
}

/** Ascending `startupOrder`; routes without one follow from 1000 on, in the order of writing, as in Camel. */
export function startOrder(routes: readonly Route[]): Route[] {
  const order = (route: Route, index: number) => route.definition.startupOrder ?? 1000 + index
  return routes
    .map((route, index) => ({ route, order: order(route, index) }))
    .sort((a, b) => a.order - b.order)
    .map(({ route }) => route)
}
