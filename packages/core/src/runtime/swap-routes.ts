import type { Clock } from '../clock.ts'
import { endCalled } from './drain-called.ts'
import type { Route } from './route.ts'

/** One set of routes takes the place of another. */
export interface Swap {
  readonly leaving: readonly Route[]
  readonly coming: readonly Route[]
  readonly clock: Clock
  /** How long what leaves may drain. */
  readonly timeoutMs: number
  /** Whether the route is to run, as things are now. */
  wanted(route: Route): boolean
  /** It has failed, or the context stops: nothing more is touched. */
  calledOff(): boolean
  /** A route that was wanted could not be started. */
  failed(route: Route, error: unknown): void
}

/** Routes that only others call hold nothing: they come before those that they take the place of go. */
export async function startCalled(swap: Swap): Promise<void> {
  await Promise.all(swap.coming.filter(route => route.passive).map(route => started(route, swap)))
}

/**
 * Routes that bring exchanges in: those that leave drain and close, each of those that come starts as soon as nothing holds
 * its place any more. One that cannot start has its second try when all of those that leave have closed: what it needs may
 * be held by any of them.
 */
export async function swapActive(swap: Swap): Promise<void> {
  const old = swap.leaving.filter(route => !route.passive)
  const closed = new Set<Route>()
  const closing = new Map<Route, Promise<void>>()
  const close = (route: Route): Promise<void> => {
    const known = closing.get(route)
    if (known) return known
    if (swap.calledOff()) return Promise.resolve()
    const halted = route.halt(swap.timeoutMs).then(() => void closed.add(route))
    closing.set(route, halted)
    return halted
  }
  const come = async (route: Route) => {
    const before = old.filter(other => takesPlaceOf(route, other))
    if (swap.wanted(route) && before.some(other => other.status === 'started')) await route.join(deadlineOf(swap))
    await Promise.all(before.map(close))
    // What was ended by force may go on. As after a stop by hand, it must not be at work together with what starts now.
    if (before.some(other => other.entry.inFlight > 0)) await route.disjoin()
    const secondTry = async () => {
      if (closed.size === old.length) return false
      await Promise.all(old.map(close))
      return true
    }
    await started(route, swap, secondTry)
  }
  const coming = swap.coming.filter(route => !route.passive)
  const waited = new Set(coming.flatMap(route => old.filter(other => takesPlaceOf(route, other))))
  await Promise.all([...old.filter(route => !waited.has(route)).map(close), ...coming.map(come)])
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

/** Has its id, or consumes from the same, with whatever options. */
export const takesPlaceOf = (route: Route, other: Route): boolean =>
  route.id === other.id || [...route.sources].some(source => other.sources.has(source))

async function started(route: Route, swap: Swap, secondTry = async () => false): Promise<void> {
  const start = () => (swap.wanted(route) ? route.run() : undefined)
  try {
    try {
      await start()
    } catch (error) {
      if (!swap.wanted(route) || !(await secondTry())) throw error
      await start()
    }
  } catch (error) {
    // A stop that was asked for meanwhile aborts a start, which is no failure.
    if (swap.wanted(route)) swap.failed(route, error)
  }
}
