import type { Campaign, Leadership } from '@dromedary/core/cluster'
import { type Consumer, messageOf, type RouteEntry } from '@dromedary/core/component'
import { MachineDriver } from './driver.ts'
import type { MasterSettings } from './settings.ts'
import { whenAborted } from './term-work.ts'
import { warmOnce, warmUp } from './warm-up.ts'

/** Consumes from the delegate while this member leads: campaigns, and tells the machine what became of it. */
export class MasterConsumer implements Consumer {
  readonly #entry: RouteEntry
  readonly #settings: MasterSettings
  readonly #driver: MachineDriver
  readonly #seen = new WeakSet<Leadership>()
  #campaign: Campaign | undefined
  #standby = new AbortController()
  #isWarm = false
  #unsubscribe = () => {}
  #withdrawn: Promise<void> = Promise.resolve()

  constructor(entry: RouteEntry, settings: MasterSettings) {
    this.#entry = entry
    this.#settings = settings
    this.#driver = new MachineDriver(entry, settings)
  }

  /**
   * Beside the consumer whose place it takes: a namespace with two participants is not given up when one of them leaves.
   * Whoever leads is not asked before the start. One that is not warm does not take part.
   */
  async join(signal: AbortSignal): Promise<void> {
    await warmOnce(this.#entry, this.#settings, signal)
    if (signal.aborted) return
    this.#isWarm = true
    this.#campaign = this.#settings.cluster.campaign(this.#settings.namespace, { participant: this.#entry.routeId })
  }

  /** Warms up, then campaigns. That it leads, or is warm, is not waited for: a standby has started as well. */
  start(): void {
    this.#standby = new AbortController()
    const { signal } = this.#standby
    const warm = () => {
      this.#isWarm = true
      this.#campaignFor()
    }
    if (this.#isWarm) warm()
    else {
      this.#entry.reportReadiness('warming')
      warmUp(this.#entry, this.#settings, signal, warm)
    }
  }

  #campaignFor(): void {
    const { cluster, namespace } = this.#settings
    this.#campaign ??= cluster.campaign(namespace, { participant: this.#entry.routeId })
    this.#entry.reportReadiness('standby-ready')
    const subscription = this.#campaign.leadership.subscribe(leadership => {
      if (leadership) this.#granted(leadership)
    })
    this.#unsubscribe = () => subscription.unsubscribe()
  }

  /** What the delegate has read may still enter; then this member withdraws, so that another one may lead. */
  async quiesce(): Promise<void> {
    this.#leave()
    await this.#driver.until('aborting', 'failing', 'emptying', 'closing', 'leftover', 'idle')
    this.#withdraw()
  }

  resume(): void {
    this.start()
  }

  async close(forced: boolean): Promise<void> {
    this.#leave()
    this.#withdraw()
    if (forced) this.#driver.force()
    // What does not end in time ends in the background; the lease is never released over it.
    await this.#driver.done()
    if (!forced) await this.#withdrawn
  }

  leave(): void {
    this.#driver.leave()
  }

  #granted(leadership: Leadership): void {
    if (this.#seen.has(leadership)) return
    this.#seen.add(leadership)
    this.#driver.dispatch({ type: 'granted', leadership })
    whenAborted(leadership.closing, () => this.#driver.dispatch({ type: 'closed', leadership }))
    whenAborted(leadership.ended, () => this.#driver.dispatch({ type: 'ended', leadership }))
  }

  /** For the machine the leadership is over; for the cluster only once it was withdrawn. */
  #leave(): void {
    this.#standby.abort()
    this.#unsubscribe()
    const { next, current } = this.#driver.state
    for (const leadership of [next, current]) {
      if (leadership) this.#driver.dispatch({ type: 'closed', leadership })
    }
  }

  #withdraw(): void {
    this.#driver.shut()
    const campaign = this.#campaign
    if (!campaign) return
    this.#campaign = undefined
    this.#withdrawn = (async () => campaign[Symbol.asyncDispose]())().catch(error => {
      this.#entry.log.warn(`withdrawing from ${this.#settings.namespace} failed: ${messageOf(error)}`, { error })
    })
  }
}
