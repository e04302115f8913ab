import { type Clock, onAbort } from '../../clock.ts'
import { type RouteSource, toDefinition } from '../../definition/route.ts'
import { DromedaryError, messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { ChangeOptions, RouteChange } from '../context-contract.ts'
import type { Route } from '../route.ts'
import type { RouteFactory } from '../route-builder.ts'
import { type ChangePlan, planRoutes } from './change-plan.ts'
import { carryOut } from './change-routes.ts'

/** What the changes of a context work on. */
export interface RouteChangesPlace {
  readonly clock: Clock
  readonly log: Logger
  readonly shutdownTimeoutMs: number
  factory(): RouteFactory
  /** Throws where the context does not run. */
  routes(): readonly Route[]
  commit(routes: readonly Route[]): void
}

/** One change of routes after the other. */
export class RouteChanges {
  readonly #place: RouteChangesPlace
  readonly #over = new AbortController()
  /** Ends with the newest. */
  #turn: Promise<unknown> = Promise.resolve()
  #plan: ChangePlan | undefined
  /** They have left, and need what they have: called ones with exchanges of others in them, and what does not end. */
  readonly #lingering = new Set<Route>()
  /** Those of changes that failed, while they do not close: nothing may take their place. */
  readonly #hanging = new Set<Route>()

  constructor(place: RouteChangesPlace) {
    this.#place = place
  }

  /** Routes that a change has in hand, or that have left with something in them, beside those that the context knows. */
  get inHand(): readonly Route[] {
    const { leaving = [], coming = [] } = this.#plan ?? {}
    return [...this.#lingering, ...leaving, ...coming]
  }

  /** The context stops, and {@link inHand} with it: a change that is under way ends now, and none begins. */
  giveUp(): void {
    // Each is emptied as by any stop.
    for (const route of this.inHand) route.replaced = false
    this.#over.abort(
      new DromedaryError('DROMEDARY_INVALID_STATE', 'the context was stopped before its routes were changed'),
    )
  }

  async change(sources: Iterable<RouteSource>, { signal }: ChangeOptions = {}): Promise<RouteChange> {
    this.#place.routes()
    const definitions = [...sources].map(toDefinition)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const turn = this.#turn
    this.#turn = turn.then(() => done)
    try {
      await this.#unless(turn, signal)
      return await this.#now(definitions, signal)
    } finally {
      resolve()
    }
  }

  async #now(definitions: readonly RouteSource[], signal: AbortSignal | undefined): Promise<RouteChange> {
    const { clock, log, shutdownTimeoutMs } = this.#place
    const over = this.#over.signal
    const plan = planRoutes(definitions, this.#place.routes(), this.#place.factory())
    this.#plan = plan
    try {
      await this.#prepared(plan.coming, signal)
      const commit = () => this.#place.commit(plan.routes)
      const release = (route: Route) => this.#release(route)
      await this.#unless(
        carryOut(plan, { clock, log, shutdownTimeoutMs, over, signal, hanging: this.#hanging, commit, release }),
      )
    } finally {
      // The stop needs to know of them.
      if (!over.aborted) this.#plan = undefined
    }
    return plan.change
  }

  /** Waits for none that has something in it, or does not end. */
  async #release(route: Route): Promise<void> {
    const hasEnded = route.status === 'stopped' || route.status === 'failed'
    const isEmpty = !route.passive || route.entry.inFlight === 0
    if (hasEnded && isEmpty) return this.#orLogged(route, () => route.release())
    this.#lingering.add(route)
    const ended = async () => {
      if (!hasEnded) await route.halt()
      if (route.passive) await route.entry.idle()
    }
    void ended().then(() => {
      // Else the stop does so.
      if (this.#over.signal.aborted) return
      this.#lingering.delete(route)
      return this.#orLogged(route, () => route.release())
    })
    if (hasEnded) await this.#orLogged(route, () => route.leave())
  }

  async #orLogged(route: Route, work: () => unknown): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#place.log.warn(`what route ${route.id} left behind did not close: ${messageOf(error)}`, { error })
    }
  }

  /** Their producers have started. Where one cannot, or the change is called off, they are let go of. */
  async #prepared(coming: readonly Route[], signal: AbortSignal | undefined): Promise<void> {
    const starts = new AbortController()
    const all = async () => {
      for (const route of coming) await route.prepare(starts.signal)
    }
    try {
      await this.#unless(all(), signal)
    } catch (error) {
      starts.abort(error)
      const released = Promise.allSettled(coming.map(route => route.release()))
      // A producer that does not give up its start is closed when it has started.
      await this.#unless(released, signal).catch(() => {})
      throw error
    }
  }

  /** Rejects as soon as the context stops, or the signal aborts, whatever becomes of the work. */
  async #unless<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const forget = [this.#over.signal, signal].map(one => {
      if (one?.aborted) reject(one.reason)
      return one?.aborted === false ? onAbort(one, () => reject(one.reason)) : undefined
    })
    try {
      return await Promise.race([aborted, work])
    } finally {
      for (const one of forget) one?.()
    }
  }
}
