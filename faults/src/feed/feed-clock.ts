import { type Clock, systemClock } from '@dromedary/core'

/** The machine's clock for a feed, whose time can stand still: then it has nothing new. */
export class FeedClock implements Clock {
  #stoppedAt: number | undefined

  /** From now on. */
  stop(): void {
    this.#stoppedAt ??= systemClock.monotonic()
  }

  now(): number {
    return systemClock.now()
  }

  monotonic(): number {
    return this.#stoppedAt ?? systemClock.monotonic()
  }

  setTimeout(callback: () => void, ms: number) {
    return systemClock.setTimeout(callback, ms)
  }
}
