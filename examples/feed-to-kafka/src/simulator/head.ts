import type { Clock } from '@dromedary/core'

/** How far the feed is. */
export interface Head {
  /** Number of the newest message. */
  readonly current: number
  /** The last message that a client may be sent now. */
  readonly reach: number
  /** A client was sent the messages up to this one. */
  sentTo(n: number): void
  /** No message comes after the newest. */
  end(): void
}

/** It moves with the time, whoever listens. */
export function headByTime(clock: Clock, rate: number, total: number): Head {
  const began = clock.monotonic()
  let last = total
  const now = () => Math.min(last, Math.floor(((clock.monotonic() - began) * rate) / 1_000))
  return {
    get current() {
      return now()
    },
    get reach() {
      return now()
    },
    sentTo: () => {},
    end: () => {
      last = now()
    },
  }
}

/** All messages are there; the newest is the one that somebody has been sent. */
export function headByDemand(total: number): Head {
  let current = 0
  let last = total
  return {
    get current() {
      return current
    },
    get reach() {
      return last
    },
    sentTo: n => {
      current = Math.max(current, n)
    },
    end: () => {
      last = current
    },
  }
}
