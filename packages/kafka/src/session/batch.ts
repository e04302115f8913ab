import type { KafkaRecord } from '../client/port.ts'
import { sizeOf } from '../producer/records.ts'
import type { Entry } from './entry.ts'

/** Bytes of one request: brokers refuse more than 1 MiB for a partition, unless told otherwise. */
const REQUEST_BYTES = 900_000

/** What one transaction carries. Kept until it is known to be committed: the same records are sent again if it was not. */
export class Batch {
  /** Counts the transactions of the session, so that the record of the position tells whether this one was committed. */
  readonly number: number
  readonly records: KafkaRecord[] = []
  readonly entries: Entry[] = []
  /** Of the last exchange in it that has one. */
  position: unknown = undefined

  constructor(number: number) {
    this.number = number
  }

  get isEmpty(): boolean {
    return this.entries.length === 0
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.entries.push(entry)
      for (const record of entry.records) this.records.push(record)
      if (entry.position !== undefined) this.position = entry.position
    }
  }

  /** The records of the next request: at least one, at most so many, and not more bytes than a broker takes. */
  part(from: number, most: number): KafkaRecord[] {
    let to = from
    for (let bytes = 0; to < this.records.length && to - from < most; to++) {
      bytes += sizeOf(this.records[to] as KafkaRecord)
      if (to > from && bytes > REQUEST_BYTES) break
    }
    return this.records.slice(from, to)
  }

  settle(): void {
    for (const entry of this.entries) entry.settle()
  }

  fail(error: unknown): void {
    for (const entry of this.entries) entry.fail(error)
  }
}
