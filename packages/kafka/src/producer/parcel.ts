import type { ExchangeGuard } from '@dromedary/core/component'
import type { KafkaRecord } from '../client/port.ts'

/** Where a record was written. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 where the broker does not say, as with `requestRequiredAcks=0`. */
  readonly offset: number
}

/** What one exchange sends: settled once all of it is, and failed if any of it is. */
export class Parcel {
  readonly guard: ExchangeGuard | undefined
  /** Where its records went, in their order; kept only if somebody asks for it. */
  readonly metadata: RecordMetadata[] | undefined
  readonly settled: Promise<void>
  /** Turns of the deadline clock at which it came. */
  readonly since: number
  #left: number
  #error: unknown
  #resolve!: () => void
  #reject!: (error: unknown) => void

  constructor(records: number, since: number, guard: ExchangeGuard | undefined, wantsMetadata: boolean) {
    this.#left = records
    this.since = since
    this.guard = guard
    this.metadata = wantsMetadata ? [] : undefined
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  written(at: number, topic: string, partition: number, offset: number): void {
    if (this.metadata) this.metadata[at] = { topic, partition, offset }
    this.#one()
  }

  failed(error: unknown): void {
    this.#error ??= error
    this.#one()
  }

  #one(): void {
    if (--this.#left > 0) return
    if (this.#error === undefined) this.#resolve()
    else this.#reject(this.#error)
  }
}

/** A record on its way. */
export class Pending {
  readonly record: KafkaRecord
  readonly bytes: number
  readonly parcel: Parcel
  /** Its place in the parcel. */
  readonly at: number

  constructor(record: KafkaRecord, bytes: number, parcel: Parcel, at: number) {
    this.record = record
    this.bytes = bytes
    this.parcel = parcel
    this.at = at
  }
}
