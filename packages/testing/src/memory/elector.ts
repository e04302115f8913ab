import { type ClockTimer, DromedaryError } from '@dromedary/core'
import {
  type Campaign,
  ClusterStateSubject,
  type LeaseEvent,
  MemberLease,
  type Report,
  type SettledTerm,
  StandBack,
} from '@dromedary/core/cluster'
import { LeaseWriter, type LeaseWriterPlace } from './lease-writer.ts'
import { RecordWatch } from './record-watch.ts'
import type { StoredRecord } from './store.ts'

export interface ElectorOptions extends LeaseWriterPlace {
  readonly retryMs: number
  readonly drainMs: number
  readonly random: () => number
  readonly report: Report
  readonly onEvent?: (event: LeaseEvent) => void
}

/** One member's rounds on one namespace: renews what it holds, watches what others hold, takes what is free. */
export class MemoryElector {
  readonly state: ClusterStateSubject
  readonly #options: ElectorOptions
  readonly #lease: MemberLease
  readonly #watch: RecordWatch
  readonly #writer: LeaseWriter
  readonly #standBack: StandBack
  #timer: ClockTimer | undefined
  #inRound = false
  #again = false
  #phase: 'new' | 'running' | 'stopped' = 'new'
  #failures = 0

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
    this.#writer = new LeaseWriter(options, this.#lease, stored => this.#observe(stored))
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
    if (stored && this.#writer.isMine(stored.record)) return
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
    if (this.#lease.renewable) return this.#writer.renew()
    const { store, client, namespace, self } = this.#options
    this.#observe(await store.read(client, namespace))
    const free = this.#watch.isFree(self.incarnation)
    const isOwn = this.#watch.stored?.record.incarnation === self.incarnation
    this.#standBack.observed(isOwn ? 'unclear' : free ? 'free' : this.#watch.leader ? 'held' : 'unclear')
    if (free && this.#lease.mayCompete && this.#standBack.remainingMs() === 0) {
      const { stored, highestTerm } = this.#watch
      if (!(await this.#writer.acquire(stored, highestTerm, this.#watch.endReason()))) this.#again = true
    }
    this.#show()
  }

  /** Ended and drained: only now may the record be let go. */
  async #settled({ term, reason, detail, heldMs }: SettledTerm): Promise<void> {
    this.#standBack.termEnded(reason === 'resigned', heldMs)
    try {
      await this.#writer.release(term, detail === undefined ? reason : `${reason}: ${detail}`)
    } catch (error) {
      this.#counted(error)
    } finally {
      this.#now()
    }
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
