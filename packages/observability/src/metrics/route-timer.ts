import type { Meter, MeteredRoute, RouteMeter } from '@dromedary/core'

/** Upper bounds of the buckets, milliseconds. */
export const BUCKETS_MS = [0.1, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

/** How many exchanges of a route are timed between two pulses, whatever comes. */
const CREDIT = 100
/** Beyond them, every so manieth. */
const STRIDE = 256

/** Durations of the exchanges of one route, by bucket. Filled in place. */
export class Durations {
  /** The last one is for those beyond all bounds. */
  readonly counts = new Float64Array(BUCKETS_MS.length + 1)
  sumMs = 0

  took(ms: number, standsFor: number): void {
    let at = 0
    while (at < BUCKETS_MS.length && ms > (BUCKETS_MS[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + standsFor
    this.sumMs += ms * standsFor
  }
}

/**
 * Which exchanges are timed: each of them while there are few, up to a hundred between two pulses; of more, one of 256, which
 * stands for all of them. The last ones of a rush have none after them: once they have ended, the one before stands for them. So counts
 * and sums are those of all exchanges that have ended, but for the last 255 until the next pulse at which none is under way.
 */
class RouteTimer implements RouteMeter {
  due = 1
  #last = 0
  #credit = CREDIT
  /** Of the last one that was timed. */
  #tookMs: number | undefined
  readonly #durations: Durations
  readonly #route: MeteredRoute

  constructor(durations: Durations, route: MeteredRoute) {
    this.#durations = durations
    this.#route = route
  }

  begins(exchange: number): number {
    const standsFor = exchange - this.#last
    this.#last = exchange
    if (this.#credit > 0) {
      this.#credit--
      this.due = exchange + 1
    } else this.due = exchange + STRIDE
    return standsFor
  }

  took(ms: number, standsFor: number): void {
    this.#tookMs = ms
    this.#durations.took(ms, standsFor)
  }

  pulse(): void {
    if (this.#credit === 0) this.#route.timeNext()
    this.#credit = CREDIT
    const { entered, underWay } = this.#route
    if (underWay > 0 || entered === this.#last || this.#tookMs === undefined) return
    this.#durations.took(this.#tookMs, entered - this.#last)
    this.#last = entered
  }
}

/** Those of a context. A route that takes the place of another goes on in its durations, with a timer of its own. */
export class RouteTimers implements Meter {
  readonly #durations = new Map<string, Durations>()
  /** Held by their routes: one that is gone, or never ran because its change was refused, leaves nothing. */
  readonly #timers = new Set<WeakRef<RouteTimer>>()

  route(routeId: string, route: MeteredRoute): RouteMeter {
    const timer = new RouteTimer(this.of(routeId), route)
    this.#timers.add(new WeakRef(timer))
    return timer
  }

  of(routeId: string): Durations {
    let durations = this.#durations.get(routeId)
    if (durations === undefined) {
      durations = new Durations()
      this.#durations.set(routeId, durations)
    }
    return durations
  }

  /** Ten times a second. */
  pulse(): void {
    for (const ref of this.#timers) {
      const timer = ref.deref()
      if (timer === undefined) this.#timers.delete(ref)
      else timer.pulse()
    }
  }
}
