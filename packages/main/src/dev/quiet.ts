import type { Clock, ClockTimer } from '@dromedary/core'

/** An editor's save is a few events within a millisecond or two; several files are saved one right after the other. */
export const QUIET_MS = 25
/** A file that is empty or gone is believed to be so only after this: some editors take longer between two steps. */
export const DOUBT_MS = 200
/** Events that never end (a log file beside the sources) do not put a change off for longer than this. */
export const LONGEST_MS = 1_000

/** Waits until no more events come, and then calls once. */
export class Quiet {
  readonly #clock: Clock
  readonly #quiet: () => void
  #timer: ClockTimer | undefined
  #since: number | undefined

  constructor(clock: Clock, quiet: () => void) {
    this.#clock = clock
    this.#quiet = quiet
  }

  /** Something has happened. */
  happened(waitMs = QUIET_MS): void {
    const now = this.#clock.monotonic()
    this.#since ??= now
    this.#timer?.cancel()
    const left = this.#since + LONGEST_MS - now
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#since = undefined
        this.#timer = undefined
        this.#quiet()
      },
      Math.max(0, Math.min(waitMs, left)),
    )
  }

  cancel(): void {
    this.#timer?.cancel()
  }
}
