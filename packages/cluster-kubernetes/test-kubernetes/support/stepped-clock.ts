import { type Clock, systemClock } from '@dromedary/core'

/** The machine's clock, whose wall time one member can step. */
export class SteppedClock implements Clock {
  #ahead = 0

  stepWall(ms: number): void {
    this.#ahead += ms
  }

  now(): number {
    return systemClock.now() + this.#ahead
  }

  monotonic(): number {
    return systemClock.monotonic()
  }

  setTimeout(callback: () => void, ms: number) {
    return systemClock.setTimeout(callback, ms)
  }
}
