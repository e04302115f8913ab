import type { Meter, RouteMeter } from '@dromedary/core'

/** Upper bounds of the buckets, milliseconds. */
export const BUCKETS_MS = [0.1, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

/** How many exchanges of a route are timed between two pulses, whatever comes. */
const CREDIT = 100
/** Beyond them, every so manieth. */
const STRIDE = 256

/**
 * Durations of one route id. Each exchange is timed while there are few, up to a hundred between two pulses; of more, one of 256
 * is, and stands for all of them. So counts and sums are those of all exchanges, but for the last 255, until the next pulse.
 */
export class RouteTimer {
  /** By bucket; the last one is for those beyond all bounds. Filled in place. */
  readonly counts = new Float64Array(BUCKETS_MS.length + 1)
  sumMs = 0
  #credit = CREDIT
  #timeNext: WeakRef<() => void>[] = []

  /** A route was made, and counts from 1. While routes are changed two of one id run side by side, each with its own numbers. */
  begin(timeNext: () => void): RouteMeter {
    this.#timeNext.push(new WeakRef(timeNext))
    return new Turns(this)
  }

  /** How far it is to the next exchange that is timed. */
  stride(): number {
    if (this.#credit === 0) return STRIDE
    this.#credit--
    return 1
  }

  took(ms: number, standsFor: number): void {
    let at = 0
    while (at < BUCKETS_MS.length && ms > (BUCKETS_MS[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + standsFor
    this.sumMs += ms * standsFor
  }

  /** Whichever comes next is timed: the last ones of a rush would else wait long for their turn. */
  pulse(): void {
    if (this.#timeNext.length > 1) this.#timeNext = this.#timeNext.filter(one => one.deref() !== undefined)
    if (this.#credit === 0) for (const one of this.#timeNext) one.deref()?.()
    this.#credit = CREDIT
  }
}

/** Which exchanges of one route are timed. */
class Turns implements RouteMeter {
  due = 1
  readonly #timer: RouteTimer
  #last = 0

  constructor(timer: RouteTimer) {
    this.#timer = timer
  }

  begins(exchange: number): number {
    const standsFor = exchange - this.#last
    this.#last = exchange
    this.due = exchange + this.#timer.stride()
    return standsFor
  }

  took(ms: number, standsFor: number): void {
    this.#timer.took(ms, standsFor)
  }
}

/** Those of a context. A route that takes the place of another goes on in its counts. */
export class RouteTimers implements Meter {
  readonly #timers = new Map<string, RouteTimer>()

  route(routeId: string, timeNext: () => void): RouteMeter {
    return this.of(routeId).begin(timeNext)
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
