import type { Meter, RouteMeter } from '@dromedary/core'

/** Upper bounds of the buckets, milliseconds. */
export const BUCKETS_MS = [0.1, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

/** How many exchanges of a route are timed between two pulses, whatever comes. */
const CREDIT = 100
/** Beyond them, every so manieth. */
const STRIDE = 64

/**
 * Durations of one route. Each exchange is timed while there are few, up to a hundred between two pulses; of more, one of 64
 * is, and stands for all of them. So counts and sums are those of all exchanges, but for the last 63.
 */
export class RouteTimer implements RouteMeter {
  /** By bucket; the last one is for those beyond all bounds. Filled in place. */
  readonly counts = new Float64Array(BUCKETS_MS.length + 1)
  sumMs = 0
  #credit = CREDIT
  #untimed = 0

  due(): number {
    if (this.#credit > 0) {
      this.#credit--
      const standsFor = this.#untimed + 1
      this.#untimed = 0
      return standsFor
    }
    if (++this.#untimed < STRIDE) return 0
    this.#untimed = 0
    return STRIDE
  }

  took(ms: number, standsFor: number): void {
    let at = 0
    while (at < BUCKETS_MS.length && ms > (BUCKETS_MS[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + standsFor
    this.sumMs += ms * standsFor
  }

  pulse(): void {
    this.#credit = CREDIT
  }
}

/** Those of a context. A route that takes the place of another goes on in its timer. */
export class RouteTimers implements Meter {
  readonly #timers = new Map<string, RouteTimer>()

  route(routeId: string): RouteTimer {
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
