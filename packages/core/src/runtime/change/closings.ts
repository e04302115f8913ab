import { DromedaryError } from '../../errors.ts'
import type { Route } from '../route.ts'
import type { Swap } from './swap-routes.ts'

/** Has its id, or consumes from the same, with whatever options. */
export const takesPlaceOf = (route: Route, other: Route): boolean =>
  route.id === other.id || [...route.sources].some(source => other.sources.has(source))

/** Routes that leave, as they close; some of them come back for a while. */
export class Closings {
  readonly #swap: Swap
  readonly #leaving: readonly Route[]
  readonly #closing = new Map<Route, Promise<void>>()
  readonly #closed = new Set<Route>()
  /** Those whose turn has come. */
  readonly #had = new Set<Route>()
  readonly #all = Promise.withResolvers<void>()

  constructor(swap: Swap, leaving: readonly Route[]) {
    this.#swap = swap
    this.#leaving = leaving
    this.#look()
  }

  /** Resolves when each has had its turn, whether or not it came back. */
  get once(): Promise<void> {
    return this.#all.promise
  }

  /** Those whose place the route takes. */
  before(route: Route): Route[] {
    return this.#leaving.filter(other => takesPlaceOf(route, other))
  }

  /** Closes them; whether they are closed then. One that hangs is reported, and not waited for. */
  async close(routes: readonly Route[] = this.#leaving): Promise<boolean> {
    await Promise.all(routes.map(route => this.#close(route)))
    return this.areClosed(routes)
  }

  /** Resolves when none is closing. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing.values())
  }

  areClosed(routes: readonly Route[] = this.#leaving): boolean {
    return routes.every(route => this.#closed.has(route))
  }

  /** Runs again until it is closed the next time. Nothing where all have had their turn, and that time has come. */
  comeBack(route: Route): void {
    if (this.#had.size === this.#leaving.length) return
    this.#closing.delete(route)
    this.#closed.delete(route)
    this.#swap.meanwhile(route)
  }

  #close(route: Route): Promise<void> {
    const closing = this.#closing.get(route) ?? this.#now(route)
    this.#closing.set(route, closing)
    return closing
  }

  async #now(route: Route): Promise<void> {
    if (!this.#swap.calledOff()) {
      if (await this.#swap.closes(route, route.halt(this.#swap.timeoutMs))) this.#closed.add(route)
      else this.#swap.hangs(route, didNotClose(route))
    }
    this.#had.add(route)
    this.#look()
  }

  #look(): void {
    if (this.#had.size === this.#leaving.length) this.#all.resolve()
  }
}

const didNotClose = ({ id }: Route) =>
  new DromedaryError(
    'DROMEDARY_SHUTDOWN_TIMEOUT',
    `route ${id} did not close in time: nothing can take its place, and it cannot start again before it has closed`,
  )
