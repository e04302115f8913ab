import type { Meter, RouteMeter } from '@dromedary/core'

/** Upper bounds of the buckets, milliseconds. */
export const BUCKETS_MS = [0.1, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

/** How many exchanges of a route are timed between two pulses, whatever comes. */
const CREDIT = 100
/** Beyond them, every so manieth. */
const STRIDE = 256

/**
 * Durations of one route. Each exchange is timed while there are few, up to a hundred between two pulses; of more, one of 256
 * is, and stands for all of them. So counts and sums are those of all exchanges, but for the last 255, until the next pulse.
 */
export class RouteTimer implements RouteMeter {
  /** By bucket; the last one is for those beyond all bounds. Filled in place. */
  readonly counts = new Float64Array(BUCKETS_MS.length + 1)
  sumMs = 0
  due = 1
  #last = 0
  #credit = CREDIT
  #timeNext: WeakRef<() => void> | undefined

  /** The route was made, or made anew: it counts from 1. */
  begin(timeNext: () => void): void {
    this.due = 1
    this.#last = 0
    this.#timeNext = new WeakRef(timeNext)
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
    let at = 0
    while (at < BUCKETS_MS.length && ms > (BUCKETS_MS[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + standsFor
    this.sumMs += ms * standsFor
  }

  /** Whichever comes next is timed: the last ones of a rush would else wait long for their turn. */
  pulse(): void {
    if (this.#credit === 0) this.#timeNext?.deref()?.()
    this.#credit = CREDIT
  }
}

/** Those of a context. A route that takes the place of another goes on in its timer. */
export class RouteTimers implements Meter {
  readonly #timers = new Map<string, RouteTimer>()

  route(routeId: string, timeNext: () => void): RouteTimer {
    const timer = this.of(routeId)
    timer.begin(timeNext)
    return timer
  }

  of(routeId: string): RouteTimer {
    let timer = this.#timers.get(routeId)
    if (timer === undefined) {
      timer = new RouteTimer()
      this.#timers.set(routeId, timer)
    }
    return timer
  }

  /** Ten times a second. */
  pulse(): void {
    for (const timer of this.#timers.values()) timer.pulse()
  }
}
