import type { Clock, ClockTimer } from '@dromedary/core'
import { settle } from './settle.ts'
import { type HeapTimer, TimerHeap } from './timer-heap.ts'

export interface FakeClockOptions {
  /** Wall clock at the start, milliseconds since 1970. Default: 2026-01-01T00:00:00Z. */
  readonly now?: number
  /** Monotonic clock at the start, milliseconds. Default: 1,000,000. */
  readonly monotonic?: number
}

interface FakeTimer extends HeapTimer {
  readonly run: () => void
}

/** More timers than this at one instant are a loop that sets itself again with 0 ms. */
const TIMERS_PER_INSTANT = 100_000

/**
 * A clock that stands still until it is told to go on: nothing in it sleeps for real, and timers run in one order.
 *
 * ```ts
 * const clock = new FakeClock()
 * clock.setTimeout(() => console.log('five'), 5_000)
 * await clock.advance(5_000)
 * ```
 */
export class FakeClock implements Clock {
  readonly #timers = new TimerHeap<FakeTimer>()
  #monotonic: number
  #wallAhead: number
  #order = 0
  #advancing = false

  constructor(options: FakeClockOptions = {}) {
    this.#monotonic = options.monotonic ?? 1_000_000
    this.#wallAhead = (options.now ?? Date.UTC(2026, 0, 1)) - this.#monotonic
  }

  now(): number {
    return Math.floor(this.#monotonic + this.#wallAhead)
  }

  monotonic(): number {
    return this.#monotonic
  }

  setTimeout(callback: () => void, ms: number): ClockTimer {
    const due = this.#monotonic + Math.max(0, ms || 0)
    const timer: FakeTimer = { due, order: this.#order++, done: false, run: callback }
    this.#timers.push(timer)
    const handle: ClockTimer = {
      cancel: () => this.#timers.cancel(timer),
      unref: () => handle,
    }
    return handle
  }

  /** Timers that are set and have neither run nor been cancelled. */
  get pending(): number {
    return this.#timers.size
  }

  /** Milliseconds until the next timer is due, 0 for one that is late; undefined without any. */
  get nextIn(): number | undefined {
    const next = this.#timers.peek()
    return next && Math.max(0, next.due - this.#monotonic)
  }

  /**
   * Lets `ms` pass. Due timers run in the order of their time, then of their setting, also those that are set on the
   * way; promise chains settle before the first, between any two and after the last. Rejects with what a timer threw,
   * and when called while another call is under way.
   */
  async advance(ms: number): Promise<void> {
    if (this.#advancing) throw new Error('FakeClock.advance() was called while another advance() is under way')
    this.#advancing = true
    try {
      await settle()
      await this.#advanceTo(this.#monotonic + ms)
    } finally {
      this.#advancing = false
    }
  }

  /** Steps the wall clock alone, as an administrator or NTP does. Negative: back. */
  stepWall(ms: number): void {
    this.#wallAhead += ms
  }

  /**
   * Both clocks jump and no timer runs: a SIGSTOP, or a loop that was blocked. What became due runs late, at the next
   * {@link advance} (`advance(0)` will do).
   */
  pause(ms: number): void {
    this.#monotonic += ms
  }

  async #advanceTo(target: number): Promise<void> {
    let atThisInstant = 0
    for (;;) {
      const next = this.#timers.peek()
      if (!next || next.due > target) break
      this.#timers.shift()
      if (next.due > this.#monotonic) {
        this.#monotonic = next.due
        atThisInstant = 0
      } else if (++atThisInstant > TIMERS_PER_INSTANT) {
        throw new Error(`FakeClock: ${TIMERS_PER_INSTANT} timers at one instant; a timer sets itself again with 0 ms`)
      }
      next.run()
      await settle()
    }
    if (target > this.#monotonic) this.#monotonic = target
  }
}
