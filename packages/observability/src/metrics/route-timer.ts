import type { Meter, MeteredRoute, RouteMeter, RouteStatistics } from '@dromedary/core'

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

  get counted(): RouteStatistics {
    return this.#route.statistics
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

/** One route after the other under the same id, while it is still there. */
interface Generation {
  /** Held by its route: one that is gone, or never ran because its change was refused, leaves nothing. */
  readonly timer: WeakRef<RouteTimer>
  /** What it has counted, as of the last pulse; of the newest nothing, for it has not ended. */
  counted: RouteStatistics
}

/**
 * Those of a context. A route that takes the place of another goes on in its durations and counts, with a timer of its own:
 * the other one may still have exchanges to end, and whoever reads counters takes a smaller one for a restart.
 */
export class RouteTimers implements Meter {
  readonly #durations = new Map<string, Durations>()
  /** By id; the newest last. */
  readonly #generations = new Map<string, Generation[]>()
  /** What those have counted that are gone. */
  readonly #gone = new Map<string, RouteStatistics>()

  route(routeId: string, route: MeteredRoute): RouteMeter {
    const timer = new RouteTimer(this.of(routeId), route)
    const generation = { timer: new WeakRef(timer), counted: NOTHING }
    this.#generations.set(routeId, [...(this.#generations.get(routeId) ?? []), generation])
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

  /** Of all routes that have had this id. */
  counted(routeId: string): RouteStatistics {
    const now = ({ timer, counted }: Generation) => timer.deref()?.counted ?? counted
    return (this.#generations.get(routeId) ?? []).map(now).reduce(sum, this.#gone.get(routeId) ?? NOTHING)
  }

  /** Ten times a second. */
  pulse(): void {
    for (const [routeId, generations] of this.#generations) {
      const newest = generations.at(-1)
      for (const generation of generations) {
        const timer = generation.timer.deref()
        if (timer === undefined) this.#leave(routeId, generation)
        else {
          timer.pulse()
          if (generation !== newest) generation.counted = timer.counted
        }
      }
    }
  }

  #leave(routeId: string, left: Generation): void {
    this.#gone.set(routeId, sum(this.#gone.get(routeId) ?? NOTHING, left.counted))
    const others = this.#generations.get(routeId)?.filter(generation => generation !== left) ?? []
    if (others.length > 0) this.#generations.set(routeId, others)
    else this.#generations.delete(routeId)
  }
}

const NOTHING: RouteStatistics = {
  total: 0,
  completed: 0,
  failed: 0,
  inFlight: 0,
  failuresHandled: 0,
  redeliveries: 0,
}

const sum = (one: RouteStatistics, other: RouteStatistics): RouteStatistics => ({
  total: one.total + other.total,
  completed: one.completed + other.completed,
  failed: one.failed + other.failed,
  inFlight: one.inFlight + other.inFlight,
  failuresHandled: one.failuresHandled + other.failuresHandled,
  redeliveries: one.redeliveries + other.redeliveries,
})
