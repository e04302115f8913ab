import { type Clock, sleep } from '@dromedary/core/component'
import { TestLeadership } from './test-leadership.ts'

/** Reproducible numbers from 0 to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Terms, one after the other. Whoever was deposed may go on believing for a while; but proof of a renewal is only to be
 * had by the one that leads.
 */
export class Election {
  readonly #clock: Clock
  /** Longest time until a renewal is acknowledged. */
  readonly #renewalMs: number
  readonly #random: () => number
  #leader: TestLeadership | undefined
  #term = 0n

  constructor(clock: Clock, random: () => number, renewalMs: number) {
    this.#clock = clock
    this.#random = random
    this.#renewalMs = renewalMs
  }

  isLeader(leadership: TestLeadership): boolean {
    return this.#leader === leadership
  }

  /** A new term; the one before is over, whether its leader knows it or not. */
  grant(): TestLeadership {
    const leadership = new TestLeadership(++this.#term)
    this.#leader = leadership
    leadership.renewed = async () => {
      await sleep(this.#clock, this.#random() * this.#renewalMs, leadership.ended)
      if (this.#leader === leadership) return leadership.isValid()
      // A zombie's renewal is never acknowledged: it learns that it has lost.
      await new Promise<void>(resolve => {
        if (leadership.ended.aborted) resolve()
        else leadership.ended.addEventListener('abort', () => resolve(), { once: true })
      })
      return false
    }
    return leadership
  }
}
