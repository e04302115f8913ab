import { type Clock, DromedaryError } from '@dromedary/core'
import {
  type Campaign,
  type CampaignOptions,
  type ClusterMember,
  type ClusterService,
  type ClusterState,
  type LeaseEvent,
  type LeaseTiming,
  type Report,
  VERSION,
} from '@dromedary/core/cluster'
import type { Observable } from 'rxjs'
import { SkewedClock, type SkewedClockOptions } from '../skewed-clock.ts'
import { MemoryElector } from './elector.ts'
import { type MemoryStore, noFaults, type StoreClient, type StoreFaults } from './store.ts'

export interface MemoryMemberOptions extends SkewedClockOptions {
  /** A name for people. Default `member-1`, … */
  readonly id?: string
}

export interface MemoryMemberInit {
  readonly self: ClusterMember
  readonly base: Clock
  readonly store: MemoryStore
  readonly timing: LeaseTiming
  readonly retryMs: number
  readonly drainMs: number
  readonly random: () => number
  readonly report: Report
  readonly onEvent: (event: LeaseEvent) => void
  readonly skew: SkewedClockOptions
}

/** A member of an in-memory cluster: a {@link ClusterService} that can be frozen, cut off and killed. */
export class MemoryMember implements ClusterService {
  readonly '~core' = VERSION
  readonly id = 'memory'
  readonly self: ClusterMember
  /** Its own clock: freeze it, step it. Give it to the context that uses this member. */
  readonly clock: SkewedClock
  /** What goes wrong between this member and the store. */
  readonly faults: StoreFaults = noFaults()
  readonly #init: MemoryMemberInit
  readonly #client: StoreClient
  readonly #electors = new Map<string, MemoryElector>()
  #phase: 'new' | 'started' | 'stopped' = 'new'
  #stopped: Promise<void> | undefined

  constructor(init: MemoryMemberInit) {
    this.#init = init
    this.self = init.self
    this.clock = new SkewedClock(init.base, init.skew)
    this.#client = {
      clock: this.clock,
      faults: this.faults,
      requestTimeoutMs: init.timing.closeAfterMs / 3,
      changed: (namespace, stored) => this.#electors.get(namespace)?.changed(stored),
    }
  }

  async start(): Promise<void> {
    this.#checkNotStopped('started')
    if (this.#phase === 'started') return
    this.#phase = 'started'
    this.#init.store.connect(this.#client)
    for (const elector of this.#electors.values()) elector.start()
  }

  stop(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(options.drainMs ?? this.#init.drainMs)
    return this.#stopped
  }

  observe(namespace: string): Observable<ClusterState> {
    return this.#elector(namespace).state.observable
  }

  campaign(namespace: string, options: CampaignOptions): Campaign {
    this.#checkNotStopped('used')
    return this.#elector(namespace).join(options.participant)
  }

  /**
   * Dies as by SIGKILL: from here on it says nothing and hears nothing. Its leaderships end by the clock alone, as a
   * process would that did not know; `stop` has nothing to do any more.
   */
  kill(): void {
    this.#phase = 'stopped'
    this.faults.cutOff = true
    this.clock.freeze()
    this.#init.store.disconnect(this.#client)
    for (const elector of this.#electors.values()) elector.halt()
    this.#stopped = Promise.resolve()
  }

  async #stop(drainMs: number): Promise<void> {
    this.#phase = 'stopped'
    await Promise.all([...this.#electors.values()].map(elector => elector.stop(drainMs)))
    this.#init.store.disconnect(this.#client)
  }

  #elector(namespace: string): MemoryElector {
    const known = this.#electors.get(namespace)
    if (known) return known
    const elector = new MemoryElector({
      ...this.#init,
      namespace,
      clock: this.clock,
      client: this.#client,
    })
    this.#electors.set(namespace, elector)
    if (this.#phase === 'started') elector.start()
    else if (this.#phase === 'stopped') elector.halt()
    return elector
  }

  #checkNotStopped(what: string): void {
    if (this.#phase !== 'stopped') return
    throw new DromedaryError(
      'DROMEDARY_INVALID_STATE',
      `The cluster member ${this.self.id} was stopped; it cannot be ${what} again.`,
    )
  }
}
