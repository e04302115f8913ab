import { type Clock, type ClockTimer, DromedaryError } from '@dromedary/core'
import {
  type Campaign,
  type ClusterMember,
  ClusterStateSubject,
  type LeaseEvent,
  type LeaseTiming,
  MemberLease,
  momentOf,
  nextTerm,
  type Report,
  type SettledTerm,
  StandBack,
} from '@dromedary/core/cluster'
import { RecordWatch } from './record-watch.ts'
import type { MemoryRecord, MemoryStore, StoreClient, StoredRecord } from './store.ts'

export interface ElectorOptions {
  readonly namespace: string
  readonly self: ClusterMember
  readonly clock: Clock
  readonly timing: LeaseTiming
  readonly retryMs: number
  readonly drainMs: number
  readonly random: () => number
  readonly report: Report
  readonly onEvent?: (event: LeaseEvent) => void
  readonly store: MemoryStore
  readonly client: StoreClient
}

/** One member's rounds on one namespace: renews what it holds, watches what others hold, takes what is free. */
export class MemoryElector {
  readonly state: ClusterStateSubject
  readonly #options: ElectorOptions
  readonly #lease: MemberLease
  readonly #watch: RecordWatch
  readonly #standBack: StandBack
  #timer: ClockTimer | undefined
  #inRound = false
  #again = false
  #phase: 'new' | 'running' | 'stopped' = 'new'
  #failures = 0
  /** The record as this member wrote it last, while it holds or releases a term. */
  #mine: StoredRecord | undefined

  constructor(options: ElectorOptions) {
    const { namespace, clock, timing, drainMs, report, onEvent } = options
    this.#options = options
    this.state = new ClusterStateSubject(namespace, report)
    this.#watch = new RecordWatch(clock, timing.leaseMs)
    this.#standBack = new StandBack({ clock, random: options.random, freeMs: 2 * options.retryMs })
    this.#lease = new MemberLease({
      namespace,
      clock,
      timing,
      report,
      drainMs,
      ...(onEvent && { onEvent }),
      onChange: () => this.#show(),
      onSettled: settled => this.#settled(settled),
    })
  }

  start(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'running'
    this.#now()
  }

  join(participant: string): Campaign {
    const campaign = this.#lease.join(participant)
    this.#now()
    return campaign
  }

  async stop(drainMs: number): Promise<void> {
    await this.#lease.stop(drainMs)
    this.halt()
  }

  /** Stops without a word to the store, as a killed process does. */
  halt(): void {
    this.#phase = 'stopped'
    this.#timer?.cancel()
    this.state.update({ role: 'off' })
    this.state.complete()
  }

  /** An event of the store. One's own writes need no round. */
  changed(stored: StoredRecord | undefined): void {
    if (stored && this.#isMine(stored.record)) return
    this.#observe(stored)
    if (this.#lease.term || this.#watch.isFree(this.#options.self.incarnation)) this.#now()
  }

  /** A round at once, or another one after the one that is under way. */
  #now(): void {
    if (this.#phase !== 'running') return
    if (this.#inRound) {
      this.#again = true
      return
    }
    this.#timer?.cancel()
    this.#inRound = true
    this.#again = false
    // Guarded whatever happens (I4): a round that fails is counted, and the next one is always set.
    void this.#round()
      .then(
        () => this.#counted(undefined),
        error => this.#counted(error),
      )
      .finally(() => {
        this.#inRound = false
        if (this.#again) this.#now()
        else if (this.#phase === 'running')
          this.#timer = this.#options.clock.setTimeout(() => this.#now(), this.#wait()).unref()
      })
  }

  #wait(): number {
    const { retryMs } = this.#options
    if (this.#lease.term) return retryMs
    const wakes = [retryMs, this.#watch.freeInMs(), this.#standBack.remainingMs()].filter(ms => ms > 0)
    return Math.max(1, Math.min(...wakes))
  }

  async #round(): Promise<void> {
    if (this.#lease.renewable) return this.#renew(true)
    const { store, client, namespace, self } = this.#options
    this.#observe(await store.read(client, namespace))
    const free = this.#watch.isFree(self.incarnation)
    this.#standBack.observed(free)
    if (free && this.#lease.mayCompete && this.#standBack.remainingMs() === 0) await this.#acquire()
    this.#show()
  }

  async #acquire(): Promise<void> {
    const { store, client, namespace, clock } = this.#options
    const sent = momentOf(clock)
    const before = this.#watch.stored
    const term = nextTerm(before?.record.term ?? 0n, this.#watch.highestTerm, sent.wall)
    const record = this.#record(term, this.#watch.endReason())
    const stored = await store.write(client, namespace, before?.version, record)
    if (!stored) {
      this.#again = true
      return
    }
    this.#wrote(stored)
    if (!this.#lease.mayCompete || !this.#lease.granted(term, sent)) await this.#release(term, 'stopped')
  }

  async #renew(mayAdopt: boolean): Promise<void> {
    const { store, client, namespace, clock } = this.#options
    const term = this.#lease.term?.term
    const mine = this.#mine
    if (term === undefined || !mine) return
    const sent = momentOf(clock)
    const stored = await store.write(client, namespace, mine.version, mine.record)
    if (this.#lease.term?.term !== term) return
    if (stored) {
      this.#wrote(stored)
      this.#lease.renewed(sent)
      return
    }
    // A lost race means: read. The answer to a write that was done may have got lost.
    const now = await store.read(client, namespace)
    if (this.#lease.term?.term !== term) return
    this.#observe(now)
    if (now && this.#isMine(now.record) && now.record.term === term) {
      this.#mine = now
      if (mayAdopt) await this.#renew(false)
    } else {
      this.#lease.lost(now && now.record.incarnation !== '' ? 'taken' : 'record-changed')
    }
  }

  /** Ended and drained: only now may the record be let go. */
  async #settled({ term, reason, detail, heldMs }: SettledTerm): Promise<void> {
    this.#standBack.termEnded(reason === 'resigned', heldMs)
    try {
      await this.#release(term, detail === undefined ? reason : `${reason}: ${detail}`)
    } catch (error) {
      this.#counted(error)
    } finally {
      this.#mine = undefined
      this.#now()
    }
  }

  async #release(term: bigint, reason: string, tries = 2): Promise<void> {
    const { store, client, namespace } = this.#options
    const mine = this.#mine
    if (!mine || !this.#isMine(mine.record) || mine.record.term !== term) return
    const record: MemoryRecord = { ...mine.record, holder: '', incarnation: '', released: { term, reason } }
    const stored = await store.write(client, namespace, mine.version, record)
    if (stored) {
      this.#observe(stored)
      this.#lease.released(term)
    } else if (tries > 0) {
      this.#mine = await store.read(client, namespace)
      this.#observe(this.#mine)
      await this.#release(term, reason, tries - 1)
    }
  }

  #record(term: bigint, lastReason: string | undefined): MemoryRecord {
    const { self, timing } = this.#options
    return {
      holder: self.id,
      incarnation: self.incarnation,
      term,
      leaseMs: timing.leaseMs,
      ...(lastReason !== undefined && { lastReason }),
    }
  }

  #isMine(record: MemoryRecord): boolean {
    return record.incarnation === this.#options.self.incarnation
  }

  #wrote(stored: StoredRecord): void {
    this.#mine = stored
    this.#observe(stored)
  }

  #observe(stored: StoredRecord | undefined): void {
    const change = this.#watch.observe(stored)
    if (change) this.state.update({ lastChange: change })
    this.#show()
  }

  #counted(error: unknown): void {
    this.#failures = error === undefined ? 0 : this.#failures + 1
    const failures = this.#failures
    if (failures === 0) this.state.update({ health: { status: 'up', failures } })
    else if (error instanceof DromedaryError) {
      this.state.update({ health: { status: this.#lease.renewable ? 'degraded' : 'down', failures, error } })
    } else this.#options.report(error)
  }

  #show(): void {
    if (this.#phase === 'stopped') return
    const leader = this.#watch.leader
    this.state.update({ role: this.#role(), leader, highestTermSeen: this.#watch.highestTerm })
  }

  #role(): 'off' | 'follower' | 'leader' | 'draining' | 'standing-back' {
    const role = this.#lease.role
    if (role) return role
    if (this.#lease.participants === 0) return 'off'
    return this.#standBack.remainingMs() > 0 ? 'standing-back' : 'follower'
  }
}
