import { type Clock, onAbort } from '../../clock.ts'
import { DromedaryError, messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import { before, orAborted } from '../before.ts'
import type { Route } from '../route.ts'
import type { ChangePlan } from './change-plan.ts'
import { takesPlaceOf } from './closings.ts'
import { START_ENDS_MS, type Swap } from './swap-routes.ts'

export interface ChangeSwapsPlace {
  readonly clock: Clock
  readonly log: Logger
  readonly shutdownTimeoutMs: number
  /** Aborts when the context stops. */
  readonly over: AbortSignal
  /** Calls the change off, while what leaves has not gone for good. */
  readonly signal: AbortSignal | undefined
  /** Routes that came with a change that failed, and do not close. */
  readonly hanging: Set<Route>
}

/** Beyond the time to drain, for what then has to close. */
const CLOSE_MS = 3_000

/** The two ways of a change, the new set for the old one and back, and what went wrong on them. */
export class ChangeSwaps {
  readonly there: Swap
  readonly back: Swap
  readonly errors: unknown[] = []
  readonly #place: ChangeSwapsPlace
  /** Old routes as they were, and what had been said of them last. */
  readonly #before: ReadonlyMap<Route, { readonly ran: boolean; readonly word: object | undefined }>
  /** Those that do not close: they cannot start again. */
  readonly #hanging = new Set<Route>()
  readonly #forgetSignal: () => void

  constructor({ coming, leaving }: ChangePlan, place: ChangeSwapsPlace) {
    const { clock, log, shutdownTimeoutMs: timeoutMs, over, signal, hanging } = place
    const failure = Promise.withResolvers<void>()
    this.#place = place
    this.#before = new Map(leaving.map(route => [route, { ran: runs(route), word: route.wish.word }]))
    const calledOff = () => over.aborted || this.errors.length > 0
    // What was asked for by hand before it may drain as long.
    const drainTwiceMs = 2 * timeoutMs + CLOSE_MS
    const failed = (error: unknown) => {
      this.errors.push(error)
      failure.resolve()
      // Those that are still starting give up; what has started goes when the old is there to take over from it.
      for (const route of coming) route.abortStarts()
    }
    const within = (ms: number, work: Promise<unknown>) => before(clock, clock.monotonic() + ms, work)
    // Whoever calls it off has something newer, and waits for this to be over.
    const unlessOff = (work: Promise<unknown>) => (signal ? orAborted(work, signal) : work)
    // One that has failed is taken back already.
    const off = () => this.errors.length === 0 && failed(signal?.reason)
    if (signal?.aborted) off()
    this.#forgetSignal = signal?.aborted === false ? onAbort(signal, off) : () => {}
    this.there = {
      leaving,
      hanging,
      coming,
      clock,
      timeoutMs,
      failure: failure.promise,
      calledOff,
      wanted: route => !calledOff() && route.wanted,
      closes: (route, closed) => within(hanging.has(route) ? START_ENDS_MS : drainTwiceMs, closed),
      starts: (_, running) => settled(running).then(() => true),
      failed: (_, error) => failed(error),
      hangs: (route, error) => {
        this.#hanging.add(route)
        failed(error)
      },
      meanwhile: route => this.#meanwhile(route),
    }
    this.back = {
      leaving: coming,
      hanging,
      coming: leaving,
      clock,
      timeoutMs,
      failure: new Promise(() => {}),
      calledOff: () => over.aborted,
      wanted: route => this.#ranBefore(route),
      closes: async (route, closed) => {
        if (hanging.has(route)) return within(START_ENDS_MS, closed)
        if (route.status !== 'starting') return within(drainTwiceMs, closed)
        return (await within(drainTwiceMs, unlessOff(closed))) && within(START_ENDS_MS, closed)
      },
      starts: async (route, running) => {
        const { starts } = route
        const started = settled(running)
        await unlessOff(started)
        if (await within(START_ENDS_MS, started)) return true
        log.warn(`route ${route.id} ran before a change that was called off, and is still starting again`)
        running.catch(error => starts.aborted || log.error(`${cannotStart(route)}: ${messageOf(error)}`, { error }))
        return false
      },
      failed: (route, error) => {
        log.error(`${cannotStart(route)}: ${messageOf(error)}`, { error })
        this.errors.push(error)
      },
      hangs: (route, error) => {
        const olds = leaving.filter(old => takesPlaceOf(route, old))
        hanging.add(route)
        for (const old of olds) old.blockers.add(route)
        void route.halt().then(() => {
          hanging.delete(route)
          for (const old of olds) old.blockers.delete(route)
        })
        log.error(messageOf(error), { error })
        if (olds.some(old => this.#ranBefore(old))) this.errors.push(error)
      },
      meanwhile: () => {},
    }
  }

  /** From here on the change is not called off any more: all of it runs, or is taken back. */
  isDecided(): void {
    this.#forgetSignal()
  }

  /** A start was asked for by hand since the change began. */
  askedSince(route: Route): boolean {
    return route.wish.value === 'run' && route.wish.word !== this.#before.get(route)?.word
  }

  /** The first thing that went wrong, or all of it where not everything could be taken back. */
  get error(): unknown {
    const [first, ...others] = this.errors
    if (others.length === 0) return first
    const message = `the routes could not be changed: ${messageOf(first)}; and what ran before could not all be started again: ${others.map(messageOf).join('; ')}`
    return new DromedaryError('DROMEDARY_CHANGE_FAILED', message, { cause: new AggregateError(this.errors) })
  }

  #ranBefore(route: Route): boolean {
    if (this.#place.over.aborted || route.wish.value === 'rest' || this.#hanging.has(route)) return false
    return this.#before.get(route)?.ran === true || this.askedSince(route)
  }

  #meanwhile(route: Route): void {
    const { over, log } = this.#place
    if (!this.#ranBefore(route)) return
    route.run().catch(error => {
      if (!over.aborted) log.warn(`route ${route.id} cannot go on while others close: ${messageOf(error)}`, { error })
    })
  }
}

const cannotStart = ({ id }: Route) => `route ${id} ran before a change that failed, and cannot start again`

const settled = (work: Promise<void>): Promise<void> => work.catch(() => {})

/** It runs, or is about to: a start that was asked for waits until the route has stopped. */
const runs = (route: Route): boolean => route.isRunning || (route.wanted && route.status !== 'failed')
