import type { Clock } from '@dromedary/core'
import { type ClusterMember, type LeaseTiming, type MemberLease, momentOf, nextTerm } from '@dromedary/core/cluster'
import type { MemoryRecord, MemoryStore, StoreClient, StoredRecord } from './store.ts'

export interface LeaseWriterPlace {
  readonly namespace: string
  readonly self: ClusterMember
  readonly clock: Clock
  readonly timing: LeaseTiming
  readonly store: MemoryStore
  readonly client: StoreClient
}

/** What a member writes: takes, renews and releases its lease by compare-and-set. Rejects when the store cannot be used. */
export class LeaseWriter {
  readonly #place: LeaseWriterPlace
  readonly #lease: MemberLease
  readonly #observe: (stored: StoredRecord | undefined) => void
  /** The record of the held term, as this member wrote it last. */
  #mine: StoredRecord | undefined

  constructor(place: LeaseWriterPlace, lease: MemberLease, observe: (stored: StoredRecord | undefined) => void) {
    this.#place = place
    this.#lease = lease
    this.#observe = observe
  }

  isMine(record: MemoryRecord): boolean {
    return record.incarnation === this.#place.self.incarnation
  }

  /** False for a lost race. */
  async acquire(
    before: StoredRecord | undefined,
    highestTerm: bigint,
    lastReason: string | undefined,
  ): Promise<boolean> {
    const { store, client, namespace, clock, self, timing } = this.#place
    const sent = momentOf(clock)
    const term = nextTerm(before?.record.term ?? 0n, highestTerm, sent.wall)
    const record = {
      holder: self.id,
      incarnation: self.incarnation,
      term,
      leaseMs: timing.leaseMs,
      ...(lastReason !== undefined && { lastReason }),
    }
    const stored = await store.write(client, namespace, before?.version, record)
    if (!stored) return false
    this.#mine = stored
    this.#observe(stored)
    if (!this.#lease.mayCompete || !this.#lease.granted(term, sent)) await this.release(term, 'stopped')
    return true
  }

  /** Of a lost race it learns by reading: the answer to a write that was done may have got lost. */
  async renew(mayAdopt = true): Promise<void> {
    const { store, client, namespace, clock } = this.#place
    const term = this.#lease.term?.term
    const mine = this.#mine
    if (term === undefined || mine?.record.term !== term) return
    const sent = momentOf(clock)
    const stored = await store.write(client, namespace, mine.version, mine.record)
    const now = stored ?? (await store.read(client, namespace))
    if (this.#lease.term?.term !== term) return
    this.#observe(now)
    if (now && this.isMine(now.record) && now.record.term === term) {
      this.#mine = now
      if (stored) this.#lease.renewed(sent)
      else if (mayAdopt) await this.renew(false)
    } else {
      this.#lease.lost(now && now.record.incarnation !== '' ? 'taken' : 'record-changed')
    }
  }

  /** Marks the record as free, if it still is of this term. */
  async release(term: bigint, reason: string): Promise<void> {
    const { store, client, namespace } = this.#place
    let mine = this.#mine
    for (let tries = 0; tries < 3; tries++) {
      if (!mine || !this.isMine(mine.record) || mine.record.term !== term) return
      const record = { ...mine.record, holder: '', incarnation: '', released: { term, reason } }
      const stored = await store.write(client, namespace, mine.version, record)
      if (stored) {
        this.#observe(stored)
        return this.#lease.released(term)
      }
      mine = await store.read(client, namespace)
      this.#observe(mine)
    }
  }
}
