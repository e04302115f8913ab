import type { Clock, ClockTimer } from '@dromedary/core'

export interface SkewedClockOptions {
  /** How far its wall clock is ahead, milliseconds. Default 0. */
  readonly wallOffset?: number
  /** How far its monotonic clock is ahead, milliseconds; such clocks may differ between hosts. Default 0. */
  readonly monotonicOffset?: number
  /** Its speed against the clock it hangs on; 1.01 runs 1 % fast. Default 1. */
  readonly rate?: number
}

/**
 * The clock of one machine among several: hangs on another clock, with an offset and a rate of its own. It can be
 * frozen as SIGSTOP freezes one process: its time goes on, its timers wait.
 */
export class SkewedClock implements Clock {
  readonly #base: Clock
  readonly #rate: number
  readonly #monotonicAt: number
  readonly #monotonicOffset: number
  #wallAhead: number
  #frozen = false
  #late: (() => void)[] = []

  constructor(base: Clock, options: SkewedClockOptions = {}) {
    this.#base = base
    this.#rate = options.rate ?? 1
    this.#monotonicAt = base.monotonic()
    this.#monotonicOffset = this.#monotonicAt + (options.monotonicOffset ?? 0)
    this.#wallAhead = base.now() + (options.wallOffset ?? 0) - this.#monotonicOffset
  }

  now(): number {
    return Math.floor(this.monotonic() + this.#wallAhead)
  }

  monotonic(): number {
    return this.#monotonicOffset + (this.#base.monotonic() - this.#monotonicAt) * this.#rate
  }

  setTimeout(callback: () => void, ms: number): ClockTimer {
    let cancelled = false
    const run = () => {
      if (cancelled) return
      if (this.#frozen) this.#late.push(run)
      else callback()
    }
    const timer = this.#base.setTimeout(run, Math.max(0, ms) / this.#rate)
    const handle: ClockTimer = {
      cancel() {
        cancelled = true
        timer.cancel()
      },
      unref() {
        timer.unref()
        return handle
      },
    }
    return handle
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** From here on its timers wait. Its time goes on. */
  freeze(): void {
    this.#frozen = true
  }

  /** Timers that became due meanwhile run now, late and in order, as soon as the clock beneath lets timers run. */
  thaw(): void {
    this.#frozen = false
    const late = this.#late
    this.#late = []
    for (const run of late) this.#base.setTimeout(run, 0)
  }

  /** Steps the wall clock of this machine alone. Negative: back. */
  stepWall(ms: number): void {
    this.#wallAhead += ms
  }
}
