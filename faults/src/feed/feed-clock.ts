import { type Clock, systemClock } from '@dromedary/core'

/** From here on a timer of the feed is patience with a client, not its pace, milliseconds. */
const PATIENCE_MS = 50
/** So many times more of it: a member that waits for a processor must not be taken for one that asks for nothing. */
const MORE = 200

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
    return systemClock.setTimeout(callback, ms < PATIENCE_MS ? ms : ms * MORE)
  }
}
