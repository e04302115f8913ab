import {
  Chronicle,
  ClusterStateSubject,
  HealthTracker,
  type LeaseParticipation,
  LOSS_WORDS,
  MemberLease,
  type SettledTerm,
  type Sighting,
  StandBack,
} from '@dromedary/core/cluster'
import type { ElectionOptions } from './election-options.ts'
import type { HolderWatch } from './holder-watch.ts'
import { Holders, PROCESS_ENDED } from './holders.ts'
import { Ledger } from './ledger.ts'
import { Office } from './office.ts'
import { otherSettings } from './other-settings.ts'
import type { OwnerRecord } from './owner-record.ts'

/** Soon again: this member acted in vain, and its own events would wake it at once. */
const SOON_MS = 20
/** Until a holder's term can be read: first, and then doubled. */
const TERM_RETRY_MS = 5
/** How long stop waits for a folder that does not answer. */
const PATIENCE_MS = 2000

/**
 * One member's election in one namespace. A single loop of guarded rounds does everything that needs the folder; hints
 * (a file event, a closed connection) only make the next round come at once.
 */
export class Election {
  readonly lease: MemberLease
  readonly state: ClusterStateSubject
  readonly #options: ElectionOptions
  readonly #ledger: Ledger
  readonly #holders: Holders
  readonly #office: Office
  readonly #chronicle: Chronicle
  readonly #health: HealthTracker
  readonly #standBack: StandBack
  readonly #warned = new Set<string>()
  #mayCompeteAt = 0
  #foldersMade = false
  #termRetryMs = TERM_RETRY_MS
  #stopping = false
  /** How often others were faster, since a holder was seen. */
  #late = 0
  #woken = false
  #wakeUp: (() => void) | undefined
  #loop: Promise<void> | undefined

  constructor(options: ElectionOptions) {
    this.#options = options
    const { namespace, fs, clock, log, layout, host, staleMs, timing, random, intervalMs, onLease } = options
    const report = (error: unknown) => log.error(`a listener of cluster namespace ${namespace} threw`, { error })
    this.state = new ClusterStateSubject(namespace, report)
    this.#ledger = new Ledger(fs, layout)
    this.#chronicle = new Chronicle(namespace, clock, log)
    const storage = `folder of cluster namespace ${namespace}`
    this.#health = new HealthTracker({ storage, clock, log, downAfterMs: staleMs })
    this.#standBack = new StandBack({ clock, random, freeMs: 2 * intervalMs })
    this.#holders = new Holders({
      fs,
      clock,
      layout,
      ledger: this.#ledger,
      host,
      staleMs,
      news: () => this.wake(),
      ended: (reason, at) => this.#chronicle.ended(reason, at),
    })
    this.lease = new MemberLease({
      namespace,
      clock,
      timing,
      report,
      onChange: () => this.#changed(),
      onSettled: settled => this.#settled(settled),
      ...(onLease && { onEvent: onLease }),
    })
    this.#office = new Office(options, {
      lease: this.lease,
      ledger: this.#ledger,
      holders: this.#holders,
      chronicle: this.#chronicle,
      health: this.#health,
      wake: () => this.wake(),
      changed: () => this.#changed(),
      sleep: ms => this.#sleep(ms),
    })
  }

  /** The entry of the root whose events concern this election. */
  get lockName(): string {
    return this.#options.layout.lockName
  }

  /** Begins the rounds. Idempotent. */
  start(): void {
    this.#loop ??= this.#run()
  }

  join(participant: string): LeaseParticipation {
    if (this.lease.participants === 0) {
      this.#mayCompeteAt = this.#options.clock.monotonic() + this.#options.delayMs
    }
    const participation = this.lease.join(participant)
    this.wake()
    return participation
  }

  /** The next round comes at once. */
  wake(): void {
    this.#woken = true
    this.#wakeUp?.()
  }

  /** Withdraws; resolves when nothing runs any more, or `drainMs` has passed and the lease is left to expire. */
  async stop(drainMs: number | undefined): Promise<void> {
    const { clock, log, namespace } = this.#options
    const drained = await this.lease.stop(drainMs)
    this.#stopping = true
    this.wake()
    const impatient = Promise.withResolvers<void>()
    const timer = clock.setTimeout(() => impatient.resolve(), PATIENCE_MS)
    await Promise.race([this.#leave(), impatient.promise])
    timer.cancel()
    this.#office.close()
    this.#holders.close()
    if (!drained) log.warn(`work of this member's last term in ${namespace} goes on: its lease is left to expire`)
    this.#changed()
    this.state.complete()
  }

  async #leave(): Promise<void> {
    await this.#loop
    await this.#office.released
    await this.#office.withdraw()
  }

  async #run(): Promise<void> {
    const { intervalMs, random } = this.#options
    while (!this.#stopping) {
      this.#woken = false
      let delay = intervalMs * (0.85 + 0.15 * random())
      try {
        delay = Math.min(delay, await this.#round())
        this.#health.worked('a round')
        this.#health.worked('releasing the lock')
        if (!this.lease.renewable) this.#health.worked('renewing the lock')
      } catch (error) {
        this.#foldersMade = false
        this.#health.failed('a round', error)
      }
      this.#changed()
      if (!this.#stopping) await this.#sleep(delay)
    }
  }

  /** Until something happens, at most so long. */
  async #sleep(ms: number): Promise<void> {
    const woken = this.#woken
    this.#woken = false
    if (woken) return
    await new Promise<void>(resolve => {
      const timer = this.#options.clock.setTimeout(resolve, ms)
      // Who campaigns stays; who only looks on keeps no process alive.
      if (this.lease.participants === 0) timer.unref()
      this.#wakeUp = () => {
        timer.cancel()
        resolve()
      }
    })
    this.#wakeUp = undefined
  }

  /** Gives the longest time until the next. */
  async #round(): Promise<number> {
    const { intervalMs, fs, layout } = this.#options
    await this.#office.released
    if (!this.#foldersMade) {
      for (const folder of layout.folders) await fs.mkdir(folder)
      this.#foldersMade = true
      this.#options.foldersMade()
    }
    if (this.#office.nonce !== undefined && this.lease.renewable) {
      await this.#office.verify()
      return intervalMs
    }
    const campaigns = this.lease.participants > 0
    await (campaigns ? this.#office.prepare() : this.#office.withdraw())
    if (campaigns && this.#holders.dead.length > 0) {
      for (const watch of this.#holders.dead) await this.#holders.depose(watch, PROCESS_ENDED)
      if (this.#mayCompeteInMs() <= 0) return await this.#compete()
    }

    const own = this.#office.nonce
    const holding: HolderWatch[] = []
    for (const watch of await this.#holders.look(own)) {
      const reason = campaigns && watch.nonce !== own ? this.#holders.judge(watch) : undefined
      if (reason === undefined) holding.push(watch)
      else await this.#holders.depose(watch, reason)
    }
    this.#standBack.observed(this.#sighting(holding))
    const holder = holding.find(watch => watch.record) ?? holding[0]
    if (holder) return holder.nonce === own ? intervalMs : await this.#follow(holder)
    const wait = this.#mayCompeteInMs()
    return wait > 0 ? wait : await this.#compete()
  }

  /** One's own record may still be there when the office is no longer held; a torn one may be anybody's. */
  #sighting(holding: readonly HolderWatch[]): Sighting {
    if (holding.length === 0) return 'free'
    const { incarnation } = this.#options.self
    return holding.some(({ record }) => record && record.incarnation !== incarnation) ? 'held' : 'unclear'
  }

  /** Somebody else holds the lock. */
  async #follow(holder: HolderWatch): Promise<number> {
    const { intervalMs } = this.#options
    this.#late = 0
    const known = await this.#recognise(holder)
    this.#termRetryMs = known ? TERM_RETRY_MS : Math.min(this.#termRetryMs * 2, intervalMs)
    const next = known ? intervalMs : this.#termRetryMs
    if (this.lease.participants === 0) return next
    return Math.min(next, Math.max(1, this.#holders.staleInMs(holder)))
  }

  #mayCompeteInMs(): number {
    if (!this.lease.mayCompete) return this.#options.intervalMs
    return Math.max(this.#standBack.remainingMs(), this.#mayCompeteAt - this.#options.clock.monotonic())
  }

  async #compete(): Promise<number> {
    const outcome = await this.#office.compete()
    if (outcome === 'refused') this.#mayCompeteAt = this.#options.clock.monotonic() + SOON_MS
    if (outcome === 'leads') return this.#options.intervalMs
    // Once or twice somebody was faster; more often something strange lies in the lock.
    return outcome === 'late' && this.#late++ < 2 ? 0 : SOON_MS
  }

  async #recognise(holder: HolderWatch): Promise<boolean> {
    if (holder.term === undefined || !holder.record) {
      const claim = await this.#ledger.claimOf(holder.nonce)
      if (!claim) return false
      holder.term = claim.term
      // The record in the lock may be torn; the claim says the same.
      holder.record ??= claim.owner
      holder.connect()
    }
    this.#warn(holder.record)
    this.#chronicle.leads({ id: holder.record.id, term: holder.term, own: false })
    return true
  }

  #warn(holder: OwnerRecord): void {
    const warning = otherSettings(this.#options, holder)
    if (warning === undefined || this.#warned.has(holder.incarnation)) return
    this.#warned.add(holder.incarnation)
    this.#options.log.warn(warning)
  }

  #settled({ reason, detail, heldMs }: SettledTerm): Promise<void> {
    const text = detail ? `${LOSS_WORDS[reason]}: ${detail}` : LOSS_WORDS[reason]
    this.#chronicle.ended(text, this.#options.clock.monotonic())
    this.#standBack.termEnded(reason === 'resigned', heldMs)
    const released = this.#office.settle(text)
    this.wake()
    return released
  }

  #changed(): void {
    this.#office.noticeEnd()
    const role =
      this.lease.role ??
      (this.lease.participants === 0 ? 'off' : this.#standBack.remainingMs() > 0 ? 'standing-back' : 'follower')
    const { leader, lastChange, highestTermSeen } = this.#chronicle
    this.state.update({ role, leader, lastChange, highestTermSeen, health: this.#health.value })
    // A loss, or a campaign that was withdrawn, is the loop's business at once.
    if (!this.lease.renewable) this.#wakeUp?.()
  }
}
