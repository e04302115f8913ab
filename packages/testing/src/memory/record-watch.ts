import type { Clock } from '@dromedary/core'
import type { StoredRecord } from './store.ts'

/** What a member knows of the record, judged by nothing but its own monotonic clock (I6). */
export class RecordWatch {
  readonly #clock: Clock
  #stored: StoredRecord | undefined
  #seen = false
  /** When the newest change was received. */
  #changedAt = 0
  #longestLeaseMs: number
  #highestTerm = 0n
  /** The last leader, and the last sign of its life. */
  #leader: { readonly id: string; readonly term: bigint } | undefined
  #lastSignAt = 0

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock
    this.#longestLeaseMs = leaseMs
  }

  get stored(): StoredRecord | undefined {
    return this.#stored
  }

  get highestTerm(): bigint {
    return this.#highestTerm
  }

  /** As the record says. */
  get leader(): { readonly id: string; readonly term: bigint } | undefined {
    const record = this.#stored?.record
    return record && record.incarnation !== '' ? { id: record.holder, term: record.term } : undefined
  }

  /** Takes in what was read or told; what to show if the leader is another one than the last. */
  observe(stored: StoredRecord | undefined): { reason: string; leaderlessMs: number } | undefined {
    if (stored && this.#stored && stored.version < this.#stored.version) return undefined
    if (this.#seen || stored) {
      if (stored?.version !== this.#stored?.version) this.#changedAt = this.#clock.monotonic()
      this.#seen = true
    }
    this.#stored = stored
    const record = stored?.record
    if (!record) return undefined
    this.#longestLeaseMs = Math.max(this.#longestLeaseMs, record.leaseMs)
    if (record.term > this.#highestTerm) this.#highestTerm = record.term
    return this.#follow(record.lastReason)
  }

  /** Whether it may be taken: never there, released with the mark, one's own unheld, or unchanged for a whole lease. */
  isFree(incarnation: string): boolean {
    const record = this.#stored?.record
    if (!record && !this.#seen) return true
    if (record?.incarnation === '' && record.released?.term === record.term) return true
    if (record?.incarnation === incarnation) return true
    return this.freeInMs() === 0
  }

  /** Until a record that stays unchanged may be taken. */
  freeInMs(): number {
    return this.#seen ? Math.max(0, this.#changedAt + this.#longestLeaseMs - this.#clock.monotonic()) : 0
  }

  /** Why the last term ended, for the record of the next. */
  endReason(): string | undefined {
    const record = this.#stored?.record
    if (!record) return this.#leader && 'the record was deleted'
    if (record.incarnation !== '') return 'not renewed'
    return record.released?.reason ?? 'the record was emptied'
  }

  #follow(reason: string | undefined): { reason: string; leaderlessMs: number } | undefined {
    const leader = this.leader
    const before = this.#leader
    const since = this.#lastSignAt
    if (leader || (this.#stored?.record.released && before)) this.#lastSignAt = this.#changedAt
    if (!leader || leader.term === before?.term) return undefined
    this.#leader = leader
    return before && { reason: reason ?? 'unknown', leaderlessMs: Math.max(0, this.#changedAt - since) }
  }
}
