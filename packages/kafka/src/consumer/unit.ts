import type { FetchedBatch, FetchedRecord } from '../client/port.ts'

/** A record with its place. */
export interface PlacedAt {
  readonly batch: FetchedBatch
  readonly record: FetchedRecord
  readonly offset: number
}

/** What one exchange is made of: a record, or with batching several. Made for those that do not end at once. */
export interface Unit {
  /** Of the first record. */
  readonly offset: number
  /** In their order; at least one. */
  readonly records: readonly PlacedAt[]
  /** Whether no further record was at hand. */
  readonly isLast: boolean
}
