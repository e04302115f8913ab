import type { Clock } from '../clock.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ChangePlan } from './change-plan.ts'
import type { Route } from './route.ts'
import type { Swap } from './swap-routes.ts'

export interface ChangeSwapsPlace {
  readonly clock: Clock
  readonly log: Logger
  readonly shutdownTimeoutMs: number
  /** Aborts when the context stops. */
  readonly over: AbortSignal
  /** Routes that came with a change that failed, and do not close. */
  readonly hanging: Set<Route>
}

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

  constructor({ coming, leaving }: ChangePlan, place: ChangeSwapsPlace) {
    const { clock, shutdownTimeoutMs: timeoutMs, over, hanging } = place
    const failure = Promise.withResolvers<void>()
    this.#place = place
    this.#before = new Map(leaving.map(route => [route, { ran: runs(route), word: route.wish.word }]))
    const calledOff = () => over.aborted || this.errors.length > 0
    const failed = (_: Route, error: unknown) => {
      this.errors.push(error)
      failure.resolve()
      // Those that are still starting give up; what has started goes when the old is there to take over from it.
      for (const route of coming) route.abortStarts()
    }
    this.there = {
      leaving,
      hanging,
      coming,
      clock,
      timeoutMs,
      failure: failure.promise,
      calledOff,
      wanted: route => !calledOff() && route.wanted,
      failed,
      hangs: (route, error) => {
        this.#hanging.add(route)
        failed(route, error)
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
      failed: (route, error) => {
        const what = `route ${route.id} ran before a change that failed, and cannot start again`
        this.#logged(`${what}: ${messageOf(error)}`, error)
      },
      hangs: (route, error) => {
        hanging.add(route)
        void route.halt().then(() => hanging.delete(route))
        this.#logged(messageOf(error), error)
      },
      meanwhile: () => {},
    }
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

  #logged(message: string, error: unknown): void {
    this.errors.push(error)
    this.#place.log.error(message, { error })
  }
}

/** It runs, or is about to: a start that was asked for waits until the route has stopped. */
const runs = (route: Route): boolean => route.isRunning || (route.wanted && route.status !== 'failed')
