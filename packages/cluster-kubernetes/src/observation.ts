import type { Clock } from '@dromedary/core'
import { LONGEST_LEASE_MS } from './options.ts'
import type { LeaseRecord } from './record.ts'

export interface ObservationOptions {
  readonly clock: Clock
  /** This member's own lease. */
  readonly leaseMs: number
  readonly incarnation: string
}

/**
 * What a member knows of a Lease, and from when on it may take it. Judged by nothing but its own monotonic clock since it
 * *received* the last change (I6, client-go's rule); times in the Lease are for people.
 */
export class Observation {
  readonly #options: ObservationOptions
  #record: LeaseRecord | undefined
  /** The last that was seen; stays when the Lease vanishes. */
  #last: LeaseRecord | undefined
  #changedAt = 0
  /** When the newest observation that counted was asked for or received. */
  #observedAt = Number.NEGATIVE_INFINITY
  /** The longest lease that any holder of the present term was promised. */
  #longestMs: number
  /**
   * Something happened that no rule of an election explains, so that a holder whom this member knew may still be valid:
   * until then nobody may be superseded, whatever the Lease says.
   */
  #unexplainedUntil = Number.NEGATIVE_INFINITY
  /** The version of a record whose holder was shown to be dead. */
  #deadHolder: string | undefined
  highestTerm = 0n

  constructor(options: ObservationOptions) {
    this.#options = options
    this.#longestMs = options.leaseMs
  }

  /** As it was last seen; undefined where there is none, or none was seen yet. */
  get record(): LeaseRecord | undefined {
    return this.#record
  }

  /** Whether the Lease was ever seen. */
  get seen(): boolean {
    return this.#last !== undefined
  }

  /** When it was last seen to change. */
  get changedAt(): number {
    return this.#changedAt
  }

  /** The newest observation that counted was asked for, or received, then. */
  get observedAt(): number {
    return this.#observedAt
  }

  /**
   * Takes in an event of a watch that was opened at `askedAt`. `look`: it is older than what is known, and may come from a
   * cache that lags, or from a history that went back: only a read can tell.
   */
  hear(record: LeaseRecord, askedAt: number): 'news' | 'nothing' | 'look' {
    if (this.#last && isNewer(this.#last, record)) return askedAt < this.#observedAt ? 'nothing' : 'look'
    return this.observe(record, askedAt) ? 'news' : 'nothing'
  }

  /**
   * Takes in what was read from the server, or written; `askedAt` is when the request was sent. False where it changed
   * nothing, or is older than what is known.
   */
  observe(record: LeaseRecord | undefined, askedAt: number): boolean {
    const now = this.#options.clock.monotonic()
    const before = this.#record
    if (askedAt < this.#observedAt && this.#isOlder(record)) return false
    this.#observedAt = Math.max(this.#observedAt, askedAt)
    if (record === undefined ? before === undefined : same(record, before)) return false
    this.#observedAt = now
    this.#changedAt = now
    const explained = this.#isExplained(record)
    this.#record = record
    this.#deadHolder = undefined
    if (record) {
      const leaseMs = plausible(record.leaseMs)
      const fresh = explained && record.term > this.highestTerm
      this.#longestMs = Math.max(this.#options.leaseMs, leaseMs, fresh ? 0 : this.#longestMs)
      if (record.term > this.highestTerm) this.highestTerm = record.term
      this.#last = record
    }
    if (!explained) this.#unexplainedUntil = Math.max(this.#unexplainedUntil, now + this.#longestMs)
    return true
  }

  /** Kubelet says that the container which the record names has terminated. */
  holderDied(): void {
    const record = this.#record
    if (record?.holder) this.#deadHolder = keyOf(record)
  }

  /** Milliseconds until the Lease may be taken if it stays as it is; 0 when it may. */
  freeInMs(): number {
    return Math.max(0, this.#freeAt() - this.#options.clock.monotonic())
  }

  /** Whether it may be taken only because it was not renewed: then it is read once more before. */
  get byExpiry(): boolean {
    const record = this.#record
    if (record?.holder) return !this.#isOwn(record) && this.#deadHolder !== keyOf(record)
    return this.seen && record?.released !== true
  }

  #freeAt(): number {
    const record = this.#record
    const free = this.#unexplainedUntil
    if (!record?.holder || this.#isOwn(record) || this.#deadHolder === keyOf(record)) return free
    return Math.max(free, this.#changedAt + this.#longestMs)
  }

  /** Of an acquisition whose answer got lost: nobody else can be working under it. */
  #isOwn(record: LeaseRecord): boolean {
    return record.holder?.incarnation === this.#options.incarnation
  }

  #isExplained(record: LeaseRecord | undefined): boolean {
    const before = this.#record
    // Vanished: its holder cannot renew any more, and may be valid for the rest of its lease.
    if (record === undefined) return false
    const free = record.released || (record.blank && !this.seen)
    // Nobody was ever seen to hold it: this member judges the holder from here on.
    if (!this.seen) return record.holder !== undefined || free
    // Made again after it was seen to vanish: the wait since then goes on, and need not begin anew.
    if (before === undefined) return record.term > this.highestTerm && (record.holder !== undefined || free)
    // Another object, or a history that went backwards: etcd was restored.
    if (record.uid !== before.uid || record.term < this.highestTerm) return false
    if (!isNewer(record, before)) return false
    if (!record.holder) return free
    return sameHolder(record, before) || record.term > this.highestTerm || this.highestTerm === 0n
  }

  /** Older than what is known, on a server whose numbers only grow; an answer without a Lease may be. */
  #isOlder(record: LeaseRecord | undefined): boolean {
    const before = this.#record
    if (before === undefined) return false
    return record === undefined || isNewer(before, record)
  }
}

const keyOf = (record: LeaseRecord): string => `${record.uid} ${record.holder?.incarnation} ${record.term}`

/** A version may come back after etcd was restored, on something else. */
const same = (a: LeaseRecord, b: LeaseRecord | undefined): boolean =>
  a.uid === b?.uid &&
  a.version === b.version &&
  a.term === b.term &&
  sameHolder(a, b) &&
  a.object.spec?.renewTime === b.object.spec?.renewTime

const sameHolder = (a: LeaseRecord, b: LeaseRecord): boolean =>
  a.holder?.incarnation === b.holder?.incarnation && a.holder?.id === b.holder?.id

/** Whether `a` has the larger resourceVersion. */
const isNewer = (a: LeaseRecord, b: LeaseRecord): boolean => Number(a.version) > Number(b.version)

/** Nobody is promised more than the longest lease allowed; a duration beyond it was written by hand. */
function plausible(leaseMs: number | undefined): number {
  return leaseMs !== undefined && leaseMs <= LONGEST_LEASE_MS ? leaseMs : 0
}
