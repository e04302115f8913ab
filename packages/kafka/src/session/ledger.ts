import type { Entry } from './entry.ts'

/** Places that are free again are given back when there are so many, and more than half. */
const FREE = 4_096

/**
 * The exchanges of a session in the order in which they joined it. They leave in that order: one that ended early waits
 * for those before it, so that a position that is kept never passes over an exchange that is still under way.
 */
export class Ledger {
  #entries: (Entry | undefined)[] = []
  #head = 0
  #waiting: (() => void) | undefined

  /** Exchanges that have not left. */
  get size(): number {
    return this.#entries.length - this.#head
  }

  join(entry: Entry): void {
    this.#entries.push(entry)
  }

  /** Its exchange has ended. */
  done(entry: Entry): void {
    entry.done = true
    if (this.#entries[this.#head] === entry) this.wake()
  }

  /**
   * Takes what may leave, in order, until that has so many records, or is so many entries. Entries without anything to
   * write are settled on the way.
   */
  take(records: number, entries = Number.POSITIVE_INFINITY): Entry[] {
    const taken: Entry[] = []
    let left = records
    for (let entry = this.#entries[this.#head]; entry?.done && left > 0; entry = this.#entries[this.#head]) {
      if (taken.length >= entries && !entry.isEmpty) break
      this.#entries[this.#head++] = undefined
      if (entry.isEmpty) entry.settle()
      else {
        taken.push(entry)
        left -= entry.records.length
      }
    }
    if (this.#head > FREE && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  /** Takes back what {@link take} gave last, before all others. */
  giveBack(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries.slice(this.#head)]
    this.#head = 0
  }

  /** Whether {@link take} would give something. */
  get isReady(): boolean {
    return this.#entries[this.#head]?.done === true
  }

  /** Whether one that joined before this one has not ended. */
  isBlocked(entry: Entry): boolean {
    for (let at = this.#head; at < this.#entries.length; at++) {
      const before = this.#entries[at]
      if (before === entry) return false
      if (before?.done === false) return true
    }
    return false
  }

  /** Calls once at the next moment when something may leave that could not before, or when {@link wake} is called. */
  onChange(then: () => void): void {
    this.#waiting = then
  }

  wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** Everything that has not left. */
  drain(): Entry[] {
    const rest = this.#entries.slice(this.#head).filter(entry => entry !== undefined)
    this.#entries = []
    this.#head = 0
    return rest
  }
}
