import type { Clock } from '@dromedary/core/component'
import type { Cursor } from './cursor.ts'
import type { PlacedAt, Unit } from './unit.ts'

/** Takes several records at a time for one exchange. */
export class Batcher {
  readonly #cursor: Cursor
  readonly #size: number
  readonly #waitMs: number
  readonly #clock: Clock
  /** Monotonic time at which a batch goes that is not full; only while one waits. */
  #due: number | undefined

  constructor(cursor: Cursor, size: number, waitMs: number, clock: Clock) {
    this.#cursor = cursor
    this.#size = size
    this.#waitMs = waitMs
    this.#clock = clock
  }

  /** A batch waits for more records. */
  get isWaiting(): boolean {
    return this.#due !== undefined
  }

  /** How long the next batch should still wait; 0: it is full, or has waited enough. */
  waitMs(): number {
    if (this.#waitMs > 0 && !this.#cursor.has(this.#size)) {
      const now = this.#clock.monotonic()
      this.#due ??= now + this.#waitMs
      if (now < this.#due) return this.#due - now
    }
    this.#due = undefined
    return 0
  }

  /** What is at hand, up to the size. */
  take(): Unit {
    const cursor = this.#cursor
    const records: PlacedAt[] = []
    while (records.length < this.#size && cursor.record !== undefined && cursor.batch !== undefined) {
      records.push({ batch: cursor.batch, record: cursor.record, offset: cursor.offset })
      cursor.advance()
    }
    return { offset: records[0]?.offset ?? cursor.offset, records, isLast: cursor.record === undefined }
  }
}
