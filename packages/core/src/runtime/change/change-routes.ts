import { messageOf } from '../../errors.ts'
import type { Route } from '../route.ts'
import type { ChangePlan } from './change-plan.ts'
import { ChangeSwaps, type ChangeSwapsPlace } from './change-swaps.ts'
import { takesPlaceOf } from './closings.ts'
import { deadlineOf, endLeft, type Swap, standAside, startCalled, swapActive } from './swap-routes.ts'

export interface ChangePlace extends ChangeSwapsPlace {
  /** From here on the new set is the one that there is. Synchronous. */
  commit(): void
  /** The route has ended, and lets go of what it had of the context. Never rejects. */
  release(route: Route): Promise<void>
}

const REFUSED = 'it came with a change of routes that failed'
const LEFT = 'it was replaced or removed by a change of routes: context.route() gives the one that there is'

/**
 * Carries out a change: what is called first, since it comes beside the old; then what brings exchanges in; then, with all of
 * it running, what only others called goes. Whatever cannot start takes all of it back, in the same order. Once the context
 * stops, nothing is started any more, and the stop ends everything.
 */
export async function carryOut(plan: ChangePlan, place: ChangePlace): Promise<void> {
  const { coming, leaving } = plan
  const { over } = place
  const swaps = new ChangeSwaps(plan, place)
  for (const old of leaving) {
    old.yields = true
    old.replaced = coming.some(route => takesPlaceOf(route, old))
    old.successor = coming.find(route => route.id === old.id)
    if (old.successor) old.successor.wish = old.wish
  }
  await startCalled(swaps.there)
  if (!swaps.there.calledOff()) await swapActive(swaps.there)
  swaps.isDecided()
  if (over.aborted) return
  if (swaps.errors.length > 0) {
    await refused(plan, place, swaps)
    throw swaps.error
  }
  place.commit()
  for (const old of leaving) {
    old.neverAgain(LEFT)
    old.yields = false
    old.news.givesWayTo(old.successor)
    old.successor = undefined
  }
  const settled = coming.map(route => settle(route, place))
  await endLeft(swaps.there)
  await Promise.all(settled)
  if (over.aborted) return
  await inherit(coming)
  await left(leaving, place)
}

/** As it was, and what was said by hand meanwhile. */
async function refused({ coming, leaving }: ChangePlan, place: ChangePlace, swaps: ChangeSwaps): Promise<void> {
  try {
    await takeBack(swaps.back)
    for (const route of coming) route.neverAgain(REFUSED)
    await left(coming, place)
  } finally {
    for (const old of leaving) {
      old.news.follow(old.successor?.news)
      old.replaced = false
      old.yields = false
      old.successor = undefined
    }
  }
  if (place.over.aborted) return
  const asked = leaving.filter(route => swaps.askedSince(route) && route.status !== 'starting')
  await Promise.all(asked.map(route => settle(route, place)))
}

/** The old set again: what is called answers at once, and what came goes as if it had never been. */
async function takeBack(all: Swap): Promise<void> {
  // A called one that does not heed that its start was called off is not waited for: it ends when its steps have started.
  const isDeaf = (route: Route) => route.passive && route.status === 'starting'
  const back = { ...all, leaving: all.leaving.filter(route => !isDeaf(route)) }
  for (const route of all.leaving.filter(isDeaf)) {
    // Whatever has its id by then.
    if (back.coming.some(old => old.id === route.id)) route.news.givesWayTo({ isRunning: true })
  }
  for (const route of back.leaving) route.replaced = back.coming.some(old => takesPlaceOf(route, old))
  const called = back.leaving.filter(route => route.passive)
  for (const route of called) route.news.givesWayTo(back.coming.find(old => old.id === route.id))
  await standAside(called, back.coming, deadlineOf(back))
  await startCalled(back)
  await swapActive(back)
  await endLeft(back)
  await inherit(back.coming)
}

/** What called routes that are gone have left outside is theirs now. */
async function inherit(routes: readonly Route[]): Promise<void> {
  await Promise.all(routes.filter(route => route.passive).map(route => route.inherit()))
}

/** Does what was said by hand while the change went on. */
async function settle(route: Route, { log }: ChangePlace): Promise<void> {
  // It may have joined, and be no part of anything else.
  if (!route.wanted) return route.halt()
  try {
    await route.run()
  } catch (error) {
    log.error(`route ${route.id} could not be started: ${messageOf(error)}`, { error })
  }
}

/** They have ended, and let go of what they had of the context. */
async function left(routes: readonly Route[], place: ChangePlace): Promise<void> {
  // Else the context does so, when all has stopped.
  if (!place.over.aborted) await Promise.all(routes.map(route => place.release(route)))
}
