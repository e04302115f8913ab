import { type Clock, systemClock } from '@dromedary/core'
import { monotonic } from '../log/events.ts'

/** The machine's clock, whose wall time can be stepped for one member. */
export class SteppedClock implements Clock {
  #offset = 0

  step(ms: number): void {
    this.#offset += ms
  }

  now(): number {
    return systemClock.now() + this.#offset
  }

  monotonic(): number {
    return monotonic()
  }

  setTimeout(callback: () => void, ms: number) {
    return systemClock.setTimeout(callback, ms)
  }
}
