import type { Clock } from '@dromedary/core'

export interface ReadScheduleOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly retryMs: number
  readonly jitterFactor: number
}

/** Between two reads of a Lease whose watch tells everything: the slow truth behind the fast hint. */
const SLOW_MS = 20_000
/** So many reads that each found a change of which the watch said nothing, and the watch counts as dead. */
const MISSED_CHANGES = 2

/**
 * When a member that does not lead reads the Lease. While events of the watch come it hardly does; without one for two
 * retry periods it reads in each, until events flow again.
 */
export class ReadSchedule {
  readonly #options: ReadScheduleOptions
  /** Drawn anew for each read. */
  #jitter = 1
  #readAt = Number.NEGATIVE_INFINITY
  #forcedAt = Number.NEGATIVE_INFINITY
  #eventAt = Number.NEGATIVE_INFINITY
  #missed = 0

  constructor(options: ReadScheduleOptions) {
    this.#options = options
  }

  /** Milliseconds. */
  get retryMs(): number {
    return this.#options.retryMs * this.#jitter
  }

  /** It must be read `ms` from now, whatever else. */
  force(ms = 0): void {
    this.#forcedAt = Math.min(this.#forcedAt, this.#options.clock.monotonic() + ms)
  }

  /** An event of the watch told a change. */
  told(): void {
    this.#eventAt = this.#options.clock.monotonic()
    this.#forcedAt = Number.POSITIVE_INFINITY
    this.#missed = 0
  }

  /** It was read; true if the watch must be taken for dead. */
  read(foundChange: boolean): boolean {
    const { clock, random, jitterFactor } = this.#options
    this.#readAt = clock.monotonic()
    this.#forcedAt = Number.POSITIVE_INFINITY
    this.#jitter = 1 + random() * (jitterFactor - 1)
    if (!foundChange) return false
    this.#missed += 1
    if (this.#missed <= MISSED_CHANGES) return false
    this.#missed = 0
    return true
  }

  /** Milliseconds until the next read. `awaitsEvents`: the holder renews, so that a watch cannot be silent for long. */
  dueInMs(watchIsOpen: boolean, awaitsEvents: boolean): number {
    const { clock, retryMs, jitterFactor } = this.#options
    const now = clock.monotonic()
    const silentAt = this.#eventAt + 2 * retryMs * jitterFactor
    const silent = !watchIsOpen || (awaitsEvents && now >= silentAt)
    const slow = this.#readAt + SLOW_MS * this.#jitter
    const soon = this.#readAt + this.retryMs
    const next = silent ? soon : awaitsEvents ? Math.min(slow, Math.max(soon, silentAt)) : slow
    return Math.max(0, Math.min(next, this.#forcedAt) - now)
  }
}
