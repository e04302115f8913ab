import type { Clock } from '../../clock.ts'
import { before, orAborted } from '../before.ts'
import { endCalled } from '../drain-called.ts'
import type { Opening, Route } from '../route.ts'
import { Closings, takesPlaceOf } from './closings.ts'

/** For starts that were called off. */
export const START_ENDS_MS = 10_000

/** One set of routes takes the place of another. */
export interface Swap {
  readonly leaving: readonly Route[]
  readonly coming: readonly Route[]
  /** Those of changes before, that do not close. */
  readonly hanging: ReadonlySet<Route>
  readonly clock: Clock
  /** How long what leaves may drain. */
  readonly timeoutMs: number
  /** Whether one that leaves is closed in time. */
  closes(route: Route, closed: Promise<unknown>): Promise<boolean>
  /** Whether one that comes is waited for until it has started, or could not. */
  starts(route: Route, running: Promise<void>): Promise<boolean>
  /** Whether the route is to run, as things are now. */
  wanted(route: Route): boolean
  /** It has failed, or the context stops: nothing more is touched. */
  calledOff(): boolean
  /** Resolves when nothing that has not begun is begun any more. */
  readonly failure: Promise<void>
  /** A route that was wanted could not be started. */
  failed(route: Route, error: unknown): void
  /** One that leaves does not close. */
  hangs(route: Route, error: unknown): void
  /** One that has left may be back until it is closed again. */
  meanwhile(route: Route): void
}

/**
 * Routes that only others call hold nothing: they come before those that they take the place of go. They open together, when
 * the steps of all have started: one may call another.
 */
export async function startCalled(swap: Swap): Promise<void> {
  const called = swap.coming.filter(route => route.passive)
  const waited = new Set(called)
  const { promise: together, resolve } = Promise.withResolvers<void>()
  const come = async (route: Route) => {
    const isHere = () => {
      waited.delete(route)
      if (waited.size === 0) resolve()
    }
    const failure = await tried(route, swap, starts => {
      isHere()
      return orAborted(together, starts)
    })
    // The others know of it before they open.
    if (failure !== undefined) swap.failed(route, failure.error)
    isHere()
  }
  const all = Promise.all(called.map(come))
  const givenUp = swap.failure.then(() => before(swap.clock, swap.clock.monotonic() + START_ENDS_MS, all))
  await Promise.race([all, givenUp])
}

/**
 * Routes that bring exchanges in: those that leave drain and close, each of those that come starts as soon as nothing holds
 * its place any more. What one that cannot start needs may be held by any of those that leave: it has its second try when
 * all of them have closed, and what it took the place of is back until then.
 */
export async function swapActive(swap: Swap): Promise<void> {
  const coming = swap.coming.filter(route => !route.passive)
  const hanging = [...swap.hanging].filter(other => coming.some(route => takesPlaceOf(route, other)))
  const old = [...new Set([...swap.leaving.filter(route => !route.passive), ...hanging])]
  const closings = new Closings(swap, old)
  const again = new Set<Route>()
  const come = async (route: Route) => {
    const olds = closings.before(route)
    const takesPart = (other: Route) => other.status === 'started' || (other.hasJoined && route.entry.inFlight === 0)
    if (swap.wanted(route) && olds.some(takesPart)) await route.join(deadlineOf(swap))
    if (!(await closings.close(olds))) return route.disjoin()
    // What was ended by force may go on. As after a stop by hand, it must not be at work together with what starts now.
    if (olds.some(other => other.entry.inFlight > 0)) await route.disjoin()
    const isLastTry = closings.areClosed()
    const first = await tried(route, swap)
    if (first === undefined) return
    if (isLastTry) return swap.failed(route, first.error)
    again.add(route)
    for (const other of olds) {
      const isFree = coming.every(one => again.has(one) || !takesPlaceOf(one, other))
      if (isFree) closings.comeBack(other)
    }
    await closings.once
    const second = (await closings.close()) ? await tried(route, swap) : first
    if (second !== undefined && swap.wanted(route)) swap.failed(route, second.error)
  }
  const waited = new Set(coming.flatMap(route => closings.before(route)))
  const all = Promise.all([closings.close(old.filter(route => !waited.has(route))), ...coming.map(come)])
  // A start that does not heed that it was called off keeps nothing down but what it takes the place of.
  await Promise.race([all, swap.failure.then(() => closings.settled())])
}

/** Routes that only others call, when those that call them have drained. */
export async function endLeft({ leaving, coming, ...swap }: Swap): Promise<void> {
  const called = leaving.filter(route => route.passive)
  await standAside(called, coming, deadlineOf(swap))
  await endCalled(called, deadlineOf(swap))
}

/** Where another one answers nothing goes to them any more, even if that one has been stopped by hand. */
export async function standAside(called: readonly Route[], others: readonly Route[], deadline: number): Promise<void> {
  const replaced = called.filter(route => others.some(other => other.sole === route.sole))
  await Promise.all(replaced.map(route => route.quiesce(deadline)))
}

export const deadlineOf = ({ clock, timeoutMs }: Pick<Swap, 'clock' | 'timeoutMs'>): number =>
  clock.monotonic() + timeoutMs

/** Why it could not be started, if that was wanted to the end. A stop that was asked for meanwhile aborts a start, which is no failure. */
async function tried(route: Route, swap: Swap, opening?: Opening): Promise<{ readonly error: unknown } | undefined> {
  while (swap.wanted(route)) {
    const { starts } = route
    try {
      const running = route.run(opening)
      if (!(await swap.starts(route, running))) return
      await running
      if (!starts.aborted) return undefined
    } catch (error) {
      if (!starts.aborted) return swap.wanted(route) ? { error } : undefined
    }
  }
}
