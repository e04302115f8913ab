import type { Clock, ClockTimer } from '@dromedary/core/component'

/** So many turns make the time-out: what is due is found at most a quarter late, without a clock reading per record. */
const TURNS = 4

/** Counts turns while something is waiting. */
export class Deadline {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #onTurn: () => boolean
  #timer: ClockTimer | undefined
  /** Turns so far: what comes now is marked with it. */
  now = 0

  /** `timeoutMs` 0: there is none. `onTurn` says whether anything is still waiting. */
  constructor(clock: Clock, timeoutMs: number, onTurn: () => boolean) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#onTurn = onTurn
  }

  /** What was marked before this turn has waited too long. */
  get before(): number {
    return this.now - TURNS
  }

  /** Something is waiting. */
  arm(): void {
    if (this.#timer !== undefined || this.#timeoutMs === 0) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.now++
      if (this.#onTurn()) this.arm()
    }, this.#timeoutMs / TURNS)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
