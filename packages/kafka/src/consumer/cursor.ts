import type { FetchedBatch, FetchedPartition, FetchedRecord } from '../client/port.ts'

/** Goes through what was fetched of a partition, record by record, without an object for each. */
export class Cursor {
  readonly #fetched: FetchedPartition[] = []
  #batch = 0
  #record = 0
  /** The offset of {@link record}; where there is none, the one from which on nothing has been fetched. */
  offset: number
  /** The next record; undefined when all that was fetched has been gone through. */
  record: FetchedRecord | undefined
  /** The batch of that record. */
  batch: FetchedBatch | undefined
  #firstOffset = 0

  constructor(offset: bigint) {
    this.offset = Number(offset)
  }

  /** Answers that are not gone through, the one at work included. */
  get depth(): number {
    return this.#fetched.length
  }

  /** Where the next fetch goes on. */
  get nextFetch(): bigint {
    return this.#fetched.at(-1)?.nextOffset ?? BigInt(this.offset)
  }

  /** Whether so many records are at hand, the current one included. */
  has(count: number): boolean {
    let left = count
    for (const [at, { batches }] of this.#fetched.entries()) {
      for (const [index, { records }] of batches.entries()) {
        if (at === 0 && index < this.#batch) continue
        left -= records.length - (at === 0 && index === this.#batch ? this.#record : 0)
        if (left <= 0) return true
      }
    }
    return false
  }

  feed(fetched: FetchedPartition): void {
    this.#fetched.push(fetched)
    if (this.record === undefined) this.#settle()
  }

  /** Past the current record. */
  advance(): void {
    this.#record++
    const { batch } = this
    const record = batch?.records[this.#record]
    if (record === undefined) this.#nextBatch()
    else {
      this.record = record
      this.offset = this.#firstOffset + record.offsetDelta
    }
  }

  #nextBatch(): void {
    // Past control records as well, of which nothing else is seen.
    this.offset++
    this.#batch++
    this.#record = 0
    this.#settle()
  }

  /** To the first record at or after the offset: a broker sends the whole batch that holds it. */
  #settle(): void {
    for (let [fetched] = this.#fetched; fetched !== undefined; [fetched] = this.#fetched) {
      for (; this.#batch < fetched.batches.length; this.#batch++, this.#record = 0) {
        const batch = fetched.batches[this.#batch]
        if (batch !== undefined && this.#seek(batch)) return
      }
      this.#fetched.shift()
      this.#batch = 0
      this.#record = 0
      this.offset = Math.max(this.offset, Number(fetched.nextOffset))
    }
    this.record = undefined
    this.batch = undefined
  }

  #seek(batch: FetchedBatch): boolean {
    const first = Number(batch.firstOffset)
    for (; this.#record < batch.records.length; this.#record++) {
      const record = batch.records[this.#record]
      if (record === undefined || first + record.offsetDelta < this.offset) continue
      this.batch = batch
      this.record = record
      this.#firstOffset = first
      this.offset = first + record.offsetDelta
      return true
    }
    return false
  }
}
