import type { Exchange, ResumeFailures, Synchronization } from '@dromedary/core/component'
import type { KafkaRecord } from '../client/port.ts'

/** Of entries that have sent nothing, or are settled. */
const NONE: readonly KafkaRecord[] = Object.freeze([])

/** Who hears of the end of an exchange. */
export interface EntryOwner {
  completed(entry: Entry): void
  failed(entry: Entry): void
  /** Whether an exchange that joined before it is still under way. */
  isBlocked(entry: Entry): boolean
}

/**
 * The share of one exchange in a session: what it sent, and its position. All of it is in one transaction or none of it,
 * whatever the steps between did; so nothing leaves before the exchange has ended.
 */
export class Entry implements Synchronization {
  readonly owner: EntryOwner
  /** The one that ends: a part of a split may have handed its end over to the whole. */
  exchange: Exchange
  records: readonly KafkaRecord[] = NONE
  /** The list is no longer that of whoever sent first. */
  #own: KafkaRecord[] | undefined
  position: unknown = undefined
  failures: ResumeFailures = 'pass'
  /** Its exchange has ended: what it sent may leave. */
  done = false
  /** Committed, dropped or failed. */
  settled = false
  /** It goes on beside the exchange that it came from, which may wait for its end: the group of an aggregator. */
  readonly #isBeside: boolean
  #tell: (() => void) | undefined

  constructor(owner: EntryOwner, exchange: Exchange, isBeside = false) {
    this.owner = owner
    this.exchange = exchange
    this.#isBeside = isBeside
  }

  /** The exchange sends these as well. Most send once: their list is kept as it is. */
  add(records: readonly KafkaRecord[]): void {
    if (this.records.length === 0) this.records = records
    else if (this.#own !== undefined) for (const record of records) this.#own.push(record)
    else {
      this.#own = this.records.concat(records)
      this.records = this.#own
    }
  }

  /** Nothing of what it sent is written. */
  drop(): void {
    this.records = NONE
    this.#own = undefined
  }

  /** Nothing of it has to be written. */
  get isEmpty(): boolean {
    return this.records.length === 0 && this.position === undefined
  }

  /** Its exchange has ended: what waits for that waits until it is committed. */
  onComplete(exchange: Exchange): void | Promise<void> {
    this.exchange = exchange
    if (this.settled) return
    this.owner.completed(this)
    // The one before it may wait for this one, which leaves after it: it only counts as under way then.
    if (this.#isBeside && this.owner.isBlocked(this)) {
      this.#tell = exchange.guard?.hold?.()
      return
    }
    return new Promise(tell => {
      this.#tell = tell
    })
  }

  onFailure(exchange: Exchange): void {
    this.exchange = exchange
    if (!this.settled) this.owner.failed(this)
  }

  /** Idempotent. */
  settle(): void {
    if (this.settled) return
    this.settled = true
    this.drop()
    this.#tell?.()
  }

  /** Whoever waits for the exchange looks at its exception: nothing of it was written. */
  fail(error: unknown): void {
    if (this.settled) return
    this.exchange.fail(error)
    this.settle()
  }
}
