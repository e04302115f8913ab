import type { Clock } from '@dromedary/core'
import { type ClusterMember, type MemberLease, type Moment, momentOf, nextTerm } from '@dromedary/core/cluster'
import type { KubernetesApi } from './api.ts'
import type { LeaseObject, ObjectMeta } from './objects.ts'
import { identityOf, LABEL, type LeaseRecord, MANAGER, NOTE, readRecord } from './record.ts'

export interface LeaseWriterOptions {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly self: ClusterMember
  readonly namespace: string
  readonly leaseName: string
  readonly resourceName: string
  readonly pod: string
  readonly leaseMs: number
  /** Start of this process by the wall clock, milliseconds. */
  readonly startedAt: number
  /** Of this process's container, once it is known. */
  readonly containerId: () => string | undefined
  readonly lease: MemberLease
  /** Each Lease that was read or stored; `askedAt` is when the request was sent. */
  readonly observe: (record: LeaseRecord | undefined, askedAt: number) => void
  /** The newest that is known, from wherever. */
  readonly newest: () => LeaseRecord | undefined
}

/** What a member writes: takes, renews and releases its Lease by compare-and-set. Rejects when the server cannot be used. */
export class LeaseWriter {
  readonly #options: LeaseWriterOptions
  /** The Lease of the held term, as this member wrote or adopted it last. */
  #mine: LeaseRecord | undefined

  /** The term of an acquiring write of which it is not known whether it was stored. */
  doubtful: bigint | undefined

  constructor(options: LeaseWriterOptions) {
    this.#options = options
  }

  /** The term that the newest acquiring write was for. */
  get term(): bigint | undefined {
    return this.#mine?.term
  }

  /** Whether a record is this member's own of this term, with the duration that it was written with. */
  isMine(record: LeaseRecord | undefined, term: bigint): record is LeaseRecord {
    const { self, leaseMs } = this.#options
    return (
      record?.holder?.incarnation === self.incarnation &&
      record.term === term &&
      record.leaseMs === leaseMs &&
      record.uid === this.#mine?.uid
    )
  }

  /** Why a term was lost whose Lease now is this one. */
  lossBy(record: LeaseRecord | undefined): 'taken' | 'record-changed' {
    const holder = record?.holder
    return holder && holder.incarnation !== this.#options.self.incarnation ? 'taken' : 'record-changed'
  }

  /** A change of one's own Lease that leaves the holder as it is, such as another label: the next write builds on it. */
  adopt(record: LeaseRecord): void {
    this.#mine = record
  }

  /** Writes this member into the Lease; `refused` if it was written and may not lead all the same, `late` for a lost race. */
  async acquire(
    before: LeaseRecord | undefined,
    highestTerm: bigint,
    reason: string | undefined,
  ): Promise<'leads' | 'refused' | 'late'> {
    const { api, clock, leaseMs, self, pod, lease } = this.#options
    const sent = momentOf(clock)
    const term = nextTerm(before?.term ?? 0n, highestTerm, sent.wall)
    const time = microTime(sent.wall)
    const object: LeaseObject = {
      ...HEAD,
      metadata: this.#metadata(before?.object.metadata, {
        [NOTE.term]: String(term),
        [NOTE.before]: reason?.slice(0, LONGEST_REASON),
        [NOTE.released]: undefined,
        [NOTE.releaseReason]: undefined,
      }),
      spec: {
        ...before?.object.spec,
        holderIdentity: identityOf(pod, self.incarnation),
        leaseDurationSeconds: leaseMs / 1000,
        acquireTime: time,
        renewTime: time,
        leaseTransitions: before ? Math.min((before.object.spec?.leaseTransitions ?? 0) + 1, MOST_TRANSITIONS) : 0,
      },
    }
    this.doubtful = term
    const stored = await (before ? api.replaceLease(object) : api.createLease(object))
    this.doubtful = undefined
    if (!stored) return 'late'
    const mine = readRecord(stored, sent.wall)
    this.#mine = mine
    this.#options.observe(mine, sent.monotonic)
    if (!this.isMine(mine, term)) throw new Error('the server has stored something else than was written')
    // The watch may have told already what came after.
    if (!this.isMine(this.#options.newest(), term)) return 'late'
    if (lease.mayCompete && lease.granted(term, sent)) return 'leads'
    return 'refused'
  }

  /**
   * Writes the held Lease anew; the time counts from the moment of sending (I6). A conflict means: read. If it is still
   * this member's, as after an answer that was lost, it is written again at once.
   */
  async renew(term: bigint, mayAdopt = true): Promise<void> {
    const { api, clock, lease } = this.#options
    const mine = this.#mine
    if (mine?.term !== term) return
    const sent = momentOf(clock)
    const stored = await api.replaceLease(this.#renewed(mine, sent))
    if (lease.term?.term !== term) return
    if (stored) {
      const mine = readRecord(stored, sent.wall)
      this.#options.observe(mine, sent.monotonic)
      if (!this.isMine(mine, term)) return lease.lost('record-changed')
      this.#mine = mine
      lease.renewed(sent)
      return
    }
    const now = await this.#read()
    if (lease.term?.term !== term) return
    if (!this.isMine(now, term)) return lease.lost(this.lossBy(now))
    this.#mine = now
    if (mayAdopt) await this.renew(term, false)
  }

  /** Marks the Lease as free, if it still is of this term. Rejects while it is not known whether it was marked. */
  async release(term: bigint, reason: string): Promise<void> {
    const { api, clock, lease } = this.#options
    if (this.#mine?.term !== term) this.#mine = await this.#read()
    if (this.doubtful === term) this.doubtful = undefined
    for (let tries = 0; tries < 3; tries++) {
      const mine = this.#mine
      if (!this.isMine(mine, term)) return
      const asked = clock.monotonic()
      const stored = await api.replaceLease(this.#freed(mine, reason))
      this.#mine = stored ? readRecord(stored, clock.now()) : await this.#read()
      if (stored) this.#options.observe(this.#mine, asked)
      // The answer to the write before may have been lost.
      if (stored || (this.#mine?.released && this.#mine.term === term)) return lease.released(term)
    }
    throw new Error('somebody else writes the Lease again and again')
  }

  async #read(): Promise<LeaseRecord | undefined> {
    const { api, clock, leaseName, observe } = this.#options
    const asked = clock.monotonic()
    const object = await api.readLease(leaseName)
    const record = object && readRecord(object, clock.now())
    observe(record, asked)
    return record
  }

  #renewed({ object }: LeaseRecord, sent: Moment): LeaseObject {
    return {
      ...HEAD,
      metadata: this.#metadata(object.metadata, {}),
      spec: { ...object.spec, renewTime: microTime(sent.wall) },
    }
  }

  #freed({ object, term }: LeaseRecord, reason: string): LeaseObject {
    const { self, clock } = this.#options
    const mark = {
      [NOTE.released]: `${self.incarnation}/${term}`,
      [NOTE.releaseReason]: reason.slice(0, LONGEST_REASON),
    }
    return {
      ...HEAD,
      metadata: this.#metadata(object.metadata, mark),
      spec: { ...object.spec, holderIdentity: '', renewTime: microTime(clock.now()) },
    }
  }

  /** What others wrote stays; uid and resourceVersion make the write a compare-and-set, and never a new object. */
  #metadata(before: ObjectMeta | undefined, notes: Readonly<Record<string, string | undefined>>): ObjectMeta {
    const { namespace, resourceName, leaseName, self, pod, startedAt, containerId } = this.#options
    const { managedFields: _, ...kept } = before ?? { name: leaseName }
    const annotations: Record<string, string | undefined> = {
      ...kept.annotations,
      [NOTE.namespace]: namespace,
      [NOTE.incarnation]: self.incarnation,
      [NOTE.member]: self.id,
      [NOTE.pod]: pod,
      [NOTE.processStarted]: new Date(startedAt).toISOString(),
      [NOTE.containerId]: containerId(),
      ...notes,
    }
    for (const [key, value] of Object.entries(annotations)) if (value === undefined) delete annotations[key]
    return {
      ...kept,
      labels: { ...kept.labels, [LABEL.managedBy]: MANAGER, [LABEL.cluster]: resourceName },
      annotations: annotations as Record<string, string>,
    }
  }
}

/** All annotations of an object together have 256 KiB. */
const LONGEST_REASON = 500
/** An int32. */
const MOST_TRANSITIONS = 2 ** 31 - 1

const HEAD = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const

/** MicroTime has six digits; the server refuses the three of a Date. */
const microTime = (wallMs: number): string => new Date(wallMs).toISOString().replace('Z', '000Z')
