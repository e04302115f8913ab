import { Chronicle, LOSS_WORDS } from '@dromedary/core/cluster'
import { ApiFailure } from './api.ts'
import type { ElectionOptions } from './election-options.ts'
import { HolderPod } from './holder-pod.ts'
import type { Followed } from './lease-feed.ts'
import type { LeaseObject } from './objects.ts'
import { Observation } from './observation.ts'
import { ReadSchedule } from './read-schedule.ts'
import { identityOf, type LeaseRecord, readRecord, refusal } from './record.ts'

/** What an election needs to hear of its Lease. */
export interface OutlookListener {
  /** A change: before people and the state are told of it. */
  taken(record: LeaseRecord | undefined): void
  /** The state of the namespace is another one. */
  changed(): void
  /** Something happened that a round must look into. */
  look(): void
  /** It may be free now. */
  free(): void
  /** The term that this member's newest acquiring write was for. */
  ownTerm(): bigint | undefined
}

/** What a member sees of a Lease: by reading, by watching, and by looking at the pod of its holder. Writes nothing. */
export class Outlook {
  readonly observation: Observation
  readonly chronicle: Chronicle
  readonly reads: ReadSchedule
  readonly #options: ElectionOptions
  readonly #listener: OutlookListener
  readonly #holderPod: HolderPod | undefined
  #followed: Followed | undefined
  /** When a read last failed for want of an answer. */
  #unansweredAt = Number.NEGATIVE_INFINITY

  constructor(options: ElectionOptions, listener: OutlookListener) {
    const { namespace, clock, log, self, timing, pods } = options
    this.#options = options
    this.#listener = listener
    this.observation = new Observation({ clock, leaseMs: timing.leaseMs, incarnation: self.incarnation })
    this.chronicle = new Chronicle(namespace, clock, log)
    this.reads = new ReadSchedule(options)
    this.#holderPod = pods && new HolderPod(pods, () => this.#holderDied())
  }

  get record(): LeaseRecord | undefined {
    return this.observation.record
  }

  /** Why the Lease must not be touched; undefined where it may. */
  get refusal(): string | undefined {
    return this.record && refusal(this.record, this.#options.namespace)
  }

  /** The Lease names this member. */
  get isOwn(): boolean {
    return this.record?.holder?.id !== undefined && this.#isOwn(this.record)
  }

  /** Opens the watch, if it is not open. */
  follow(): void {
    if (this.#followed) return
    const { leases, leaseName, log } = this.#options
    // Nobody told what happened meanwhile, and nobody looks at the holder's pod.
    this.reads.force()
    if (this.record) this.tell()
    this.#followed = leases.follow(leaseName, {
      changed: (lease, askedAt) => this.#told(lease, askedAt),
      gone: () => this.#listener.look(),
      failed: failure => log.debug(`the watch on Lease ${leaseName} ended: ${failure.message}`),
    })
  }

  unfollow(): void {
    this.#followed?.close()
    this.#followed = undefined
    this.#holderPod?.look(undefined)
  }

  /** The server answers. */
  nudge(): void {
    this.#followed?.nudge()
    this.#options.pods?.nudge()
  }

  /** Reads the Lease. Rejects when the server cannot be used. */
  async read(): Promise<void> {
    const { api, clock, leaseName } = this.#options
    const asked = clock.monotonic()
    const object = await api.readLease(leaseName).catch(error => {
      if (error instanceof ApiFailure && error.status === undefined) this.#unansweredAt = clock.monotonic()
      throw error
    })
    const changed = this.observe(object && readRecord(object, clock.now()), asked)
    const { lastSign = 0 } = this.#followed ?? {}
    // It missed changes, or it was silent while nothing else was answered either: most likely it is cut for good.
    const dead = this.reads.read(changed) || lastSign < this.#unansweredAt
    this.#unansweredAt = Number.NEGATIVE_INFINITY
    if (dead) this.#followed?.suspect()
    this.nudge()
  }

  /** Milliseconds until the next read; `campaigns`: somebody waits for the Lease. */
  dueInMs(campaigns: boolean): number {
    const watched = this.#followed !== undefined && this.#followed.lastSign > Number.NEGATIVE_INFINITY
    const awaitsEvents = campaigns && this.record?.holder !== undefined && this.refusal === undefined
    return this.reads.dueInMs(watched || !campaigns, awaitsEvents)
  }

  /** Takes in what was read or written; true if it was news. */
  observe(record: LeaseRecord | undefined, askedAt: number): boolean {
    if (!this.observation.observe(record, askedAt)) return false
    this.#take(record)
    return true
  }

  /** Tells people and the state who leads, and looks at the holder's pod. */
  tell(): void {
    const { self, api, leaseName } = this.#options
    const record = this.record
    const holder = record?.holder
    const own = holder?.incarnation === self.incarnation
    this.#holderPod?.look(own ? undefined : holder)
    this.chronicle.saw(this.observation.highestTerm)
    if (!record || !holder) {
      this.tellEnd()
      return
    }
    // One's own that was written, and whose answer got lost, was never led.
    if (own && this.#listener.ownTerm() !== record.term) return
    const { leader } = this.chronicle
    if (leader?.term === record.term && leader.id !== holder.id) {
      this.chronicle.ended(LOSS_WORDS.taken, this.observation.changedAt)
    }
    const where = `${holder.pod === undefined ? '' : `pod ${holder.pod}, `}Lease ${api.namespace}/${leaseName}`
    this.chronicle.leads({ id: holder.id, term: record.term, own, before: record.before, where })
  }

  /** Tells why the last term ended, where one has. */
  tellEnd(): void {
    const end = this.endOfTerm()
    if (end !== undefined) this.chronicle.ended(end, this.observation.changedAt)
  }

  /** Why the last term ended, for people. */
  endOfTerm(): string | undefined {
    const record = this.record
    if (!record) return this.observation.seen ? 'the Lease was deleted' : undefined
    if (record.released) return record.releaseReason ?? LOSS_WORDS.stopped
    if (record.blank) return undefined
    if (!record.holder) return 'the Lease was emptied'
    // One's own, whose answer got lost: nobody led under it.
    if (this.#isOwn(record)) return record.before
    return this.observation.byExpiry ? 'not renewed' : 'its container terminated'
  }

  #isOwn({ holder }: LeaseRecord): boolean {
    const { pod, self } = this.#options
    // Also where somebody took the notes away.
    return holder?.incarnation === self.incarnation || holder?.id === identityOf(pod, self.incarnation)
  }

  #told(lease: LeaseObject, askedAt: number): void {
    const { leader } = this.chronicle
    const { refusal } = this
    const record = readRecord(lease, this.#options.clock.now())
    const heard = this.observation.hear(record, askedAt)
    if (heard === 'look') this.#listener.look()
    if (heard !== 'news') return
    this.#take(record)
    this.reads.told()
    if (this.observation.freeInMs() === 0) this.#listener.free()
    // With many members and namespaces nearly all events are renewals, which change nothing of the state.
    if (this.chronicle.leader !== leader || this.refusal !== refusal) this.#listener.changed()
  }

  #take(record: LeaseRecord | undefined): void {
    this.#listener.taken(record)
    this.tell()
  }

  #holderDied(): void {
    this.observation.holderDied()
    this.#listener.free()
  }
}
