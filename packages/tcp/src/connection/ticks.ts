import type { Clock, ClockTimer } from '@dromedary/core/component'

/** A tick that never was: nothing is waited for. */
export const NEVER = -1
/** A time-out passes within so many parts of itself. */
const PARTS = 8
const SHORTEST = 5

/** What is looked at from time to time. */
export interface Timed {
  /** Calls it off if it has waited for too long. */
  check(): void
}

/**
 * One timer for all connections of a consumer: it counts, connections remember the count, and no traffic reads a clock. A
 * time-out passes not before its time, and at most a quarter of it later.
 */
export class Ticks {
  /** How many there were. */
  now = 0
  readonly #clock: Clock
  readonly #watched: ReadonlySet<Timed>
  /** Milliseconds; undefined when there is nothing to wait for. */
  readonly #period: number | undefined
  #timer: ClockTimer | undefined

  constructor(clock: Clock, timeouts: readonly number[], watched: ReadonlySet<Timed>) {
    this.#clock = clock
    this.#watched = watched
    const shortest = Math.min(...timeouts.filter(ms => ms > 0))
    this.#period = Number.isFinite(shortest) ? Math.max(SHORTEST, shortest / PARTS) : undefined
  }

  /** Whether so long has passed since a tick; never with a time-out of 0. */
  passed(timeoutMs: number, since: number): boolean {
    if (timeoutMs === 0 || since === NEVER || this.#period === undefined) return false
    return this.now - since > Math.ceil(timeoutMs / this.#period)
  }

  /** Goes on while anything is watched; idempotent. */
  run(): void {
    if (this.#period === undefined || this.#timer !== undefined || this.#watched.size === 0) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.now++
      for (const one of this.#watched) one.check()
      this.run()
    }, this.#period)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
