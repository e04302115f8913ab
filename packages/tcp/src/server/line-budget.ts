import type { Clock } from '@dromedary/core/component'

/** So many lines of the log in so much time; the others are counted. A flood of connections must not become one of lines. */
export class LineBudget {
  readonly #clock: Clock
  readonly #lines: number
  readonly #perMs: number
  #since = Number.NEGATIVE_INFINITY
  #taken = 0
  #leftOut = 0

  constructor(clock: Clock, lines: number, perMs: number) {
    this.#clock = clock
    this.#lines = lines
    this.#perMs = perMs
  }

  /** How many lines were left out before the one that may be written now; undefined when none may. */
  take(): number | undefined {
    const now = this.#clock.monotonic()
    if (now - this.#since >= this.#perMs) {
      this.#since = now
      this.#taken = 0
    }
    if (this.#taken === this.#lines) {
      this.#leftOut++
      return undefined
    }
    this.#taken++
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }
}
