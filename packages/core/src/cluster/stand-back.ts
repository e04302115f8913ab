import type { Clock } from '../clock.ts'

const FIRST_MS = 5_000
const LONGEST_MS = 60_000

/**
 * What a look at the record showed: it is free, another member holds it, or neither, since one's own is not released yet or
 * it cannot be told.
 */
export type Sighting = 'free' | 'held' | 'unclear'

/**
 * How long a member that resigned does not compete (I5): min(60 s, 5 s · 2^k), less up to a quarter at random, and cut
 * short while the record has stayed free for `freeMs`: then nobody else can lead either. Half of that is enough for a
 * member that has seen another lead meanwhile: it was that one that could not go on. So those that all stand back take
 * turns, with a pause each time, and the one that failed last does not come first. A term of 60 s without resigning sets
 * k back to 0.
 */
export class StandBack {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #freeMs: number
  #resignations = 0
  #until: number | undefined
  #freeSince: number | undefined
  #anotherLed = false

  constructor(options: { readonly clock: Clock; readonly random: () => number; readonly freeMs: number }) {
    this.#clock = options.clock
    this.#random = options.random
    this.#freeMs = options.freeMs
  }

  /** A term ended; `resigned` begins standing back. */
  termEnded(resigned: boolean, heldMs: number): void {
    if (heldMs >= LONGEST_MS) this.#resignations = 0
    this.#until = undefined
    if (!resigned) return
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#resignations++)
    this.#until = this.#clock.monotonic() + longest * (0.75 + 0.25 * this.#random())
    this.#freeSince = undefined
    this.#anotherLed = false
  }

  /** To be told of each look at the record. */
  observed(sighting: Sighting): void {
    if (sighting === 'free') this.#freeSince ??= this.#clock.monotonic()
    else this.#freeSince = undefined
    if (sighting === 'held') this.#anotherLed = true
  }

  /** Milliseconds until this member may compete again, if the record stays as it is; 0 when it may. */
  remainingMs(): number {
    if (this.#until === undefined) return 0
    const now = this.#clock.monotonic()
    if (now >= this.#until) {
      this.#until = undefined
      return 0
    }
    // Who is faster ends the others' short cut, not their standing back.
    return Math.max(0, Math.min(this.#until, this.#mayCutAt()) - now)
  }

  #mayCutAt(): number {
    if (this.#freeSince === undefined) return Number.POSITIVE_INFINITY
    // Below the shortest time that the other stands back, whatever the retry period.
    return this.#freeSince + (this.#anotherLed ? Math.min(this.#freeMs, FIRST_MS) / 2 : this.#freeMs)
  }
}
