import type { Clock } from '../clock.ts'

const FIRST_MS = 5_000
const LONGEST_MS = 60_000

/**
 * How long a member that resigned does not compete (I5): min(60 s, 5 s · 2^k), less up to a quarter at random, and cut
 * short when the record stays free for `freeMs`: then nobody else can lead either. A term of 60 s without resigning
 * sets k back to 0.
 */
export class StandBack {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #freeMs: number
  #resignations = 0
  #until: number | undefined
  #freeSince: number | undefined

  constructor(options: { readonly clock: Clock; readonly random: () => number; readonly freeMs: number }) {
    this.#clock = options.clock
    this.#random = options.random
    this.#freeMs = options.freeMs
  }

  /** A term ended; `resigned` begins standing back. */
  termEnded(resigned: boolean, heldMs: number): void {
    if (heldMs >= LONGEST_MS) this.#resignations = 0
    if (!resigned) return
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#resignations++)
    this.#until = this.#clock.monotonic() + longest * (0.75 + 0.25 * this.#random())
    this.#freeSince = undefined
  }

  /** Each look at the record says whether it was free. */
  observed(free: boolean): void {
    if (!free) this.#freeSince = undefined
    else this.#freeSince ??= this.#clock.monotonic()
  }

  /** Milliseconds until this member may compete again, if the record stays as it is; 0 when it may. */
  remainingMs(): number {
    if (this.#until === undefined) return 0
    const now = this.#clock.monotonic()
    const until = this.#freeSince === undefined ? this.#until : Math.min(this.#until, this.#freeSince + this.#freeMs)
    if (now < until) return until - now
    this.#until = undefined
    return 0
  }
}
