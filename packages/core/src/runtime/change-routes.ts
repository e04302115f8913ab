import type { Clock } from '../clock.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ChangePlan } from './change-plan.ts'
import { takesPlaceOf } from './closings.ts'
import type { Route } from './route.ts'
import { deadlineOf, endLeft, type Swap, standAside, startCalled, swapActive } from './swap-routes.ts'

export interface ChangePlace {
  readonly clock: Clock
  readonly log: Logger
  readonly shutdownTimeoutMs: number
  /** Aborts when the context stops. */
  readonly over: AbortSignal
  /** From here on the new set is the one that there is. Synchronous. */
  commit(): void
  /** The route has ended, and lets go of what it had of the context. Never rejects. */
  release(route: Route): Promise<void>
}

const LEFT = 'it was replaced or removed by a change of routes: context.route() gives the one that there is'

/**
 * Carries out a change: what is called first, since it comes beside the old; then what brings exchanges in; then, with all of
 * it running, what only others called goes. Whatever cannot start takes all of it back, in the same order. Once the context
 * stops, nothing is started any more, and the stop ends everything.
 */
export async function carryOut({ coming, leaving }: ChangePlan, place: ChangePlace): Promise<void> {
  const { clock, over, shutdownTimeoutMs: timeoutMs } = place
  const errors: unknown[] = []
  const hanging = new Set<Route>()
  const failure = Promise.withResolvers<void>()
  const before = new Map(leaving.map(route => [route, { isToRun: route.isToRun, said: route.said }]))
  const askedSince = (route: Route) => route.wish === 'run' && route.said !== before.get(route)?.said
  for (const old of leaving) {
    old.yields = true
    old.replaced = coming.some(route => takesPlaceOf(route, old))
    old.successor = coming.find(route => route.id === old.id)
    if (old.successor) old.successor.wish = old.wish
  }
  const there: Swap = {
    leaving,
    coming,
    clock,
    timeoutMs,
    failure: failure.promise,
    calledOff: () => over.aborted || errors.length > 0,
    wanted: route => !there.calledOff() && route.wanted,
    failed: (_, error) => {
      errors.push(error)
      failure.resolve()
      // Those that are still starting give up; what has started goes when the old is there to take over from it.
      for (const route of coming) route.abortStarts()
    },
    hangs: (route, error) => {
      hanging.add(route)
      there.failed(route, error)
    },
    meanwhile: route => {
      if (!back.wanted(route)) return
      route.run().catch(error => {
        if (!over.aborted)
          place.log.warn(`route ${route.id} cannot go on while others close: ${messageOf(error)}`, { error })
      })
    },
  }
  const back: Swap = {
    ...there,
    leaving: coming,
    coming: leaving,
    failure: new Promise(() => {}),
    calledOff: () => over.aborted,
    wanted: route => {
      if (over.aborted || route.wish === 'rest' || hanging.has(route)) return false
      return before.get(route)?.isToRun === true || askedSince(route)
    },
    failed: (route, error) => {
      errors.push(error)
      place.log.error(
        `route ${route.id} ran before a change that failed, and cannot start again: ${messageOf(error)}`,
        {
          error,
        },
      )
    },
    hangs: (_, error) => {
      errors.push(error)
      place.log.error(messageOf(error), { error })
    },
    meanwhile: () => {},
  }

  await startCalled(there)
  if (errors.length === 0 && !over.aborted) await swapActive(there)
  if (over.aborted) return
  if (errors.length > 0) {
    try {
      await takeBack(back)
      await left(coming, place)
    } finally {
      for (const old of leaving) {
        old.news.follow(old.successor?.news)
        old.replaced = false
        old.yields = false
        old.successor = undefined
      }
    }
    await Promise.all(leaving.filter(askedSince).map(route => settle(route, place)))
    throw errors.length === 1 ? errors[0] : notTakenBack(errors)
  }
  place.commit()
  for (const old of leaving) {
    old.neverAgain(LEFT)
    old.yields = false
    old.news.givesWayTo(old.successor)
    old.successor = undefined
  }
  const settled = coming.map(route => settle(route, place))
  await endLeft(there)
  await Promise.all(settled)
  if (over.aborted) return
  await Promise.all(coming.filter(route => route.passive).map(route => route.inherit()))
  await left(leaving, place)
}

/** The old set again: what is called answers at once, and what came goes as if it had never been. */
async function takeBack(back: Swap): Promise<void> {
  for (const route of back.leaving) route.replaced = back.coming.some(old => takesPlaceOf(route, old))
  const called = back.leaving.filter(route => route.passive)
  for (const route of called) route.news.givesWayTo(back.coming.find(old => old.id === route.id))
  await standAside(called, back.coming, deadlineOf(back))
  await startCalled(back)
  await swapActive(back)
  await endLeft(back)
  await Promise.all(back.coming.filter(route => route.passive).map(route => route.inherit()))
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

function notTakenBack(errors: readonly unknown[]): DromedaryError {
  const [first, ...others] = errors.map(messageOf)
  const message = `the routes could not be changed: ${first}; and what ran before could not all be started again: ${others.join('; ')}`
  return new DromedaryError('DROMEDARY_CHANGE_FAILED', message, { cause: new AggregateError(errors) })
}
