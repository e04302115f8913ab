import type { Clock, ClockTimer, Logger } from '@dromedary/core'
import {
  type ClusterMember,
  ClusterStateSubject,
  type LeaseEvent,
  type LeaseParticipation,
  type LeaseTiming,
  MemberLease,
  type Moment,
  type SettledTerm,
  StandBack,
} from '@dromedary/core/cluster'
import { Chronicle, Health, REASONS } from './chronicle.ts'
import { cleanSockets } from './cleaner.ts'
import type { HolderWatch } from './holder-watch.ts'
import { Holders, PROCESS_ENDED } from './holders.ts'
import type { Layout } from './layout.ts'
import { Ledger } from './ledger.ts'
import { codeOf, type LockFs } from './lock-fs.ts'
import type { OwnerRecord } from './owner-record.ts'
import { type LockLibrary, Tenure } from './tenure.ts'

/** Soon again: somebody acted between two of our looks. */
const SOON_MS = 20
/** Until a holder's term can be read: first, and then doubled. */
const TERM_RETRY_MS = 5
/** A new leader has settled in. */
const CLEAN_AFTER_MS = 1000

export interface ElectionOptions {
  readonly namespace: string
  readonly fs: LockFs
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly layout: Layout
  readonly library: LockLibrary
  readonly self: ClusterMember
  readonly host: string
  readonly timing: LeaseTiming
  readonly updateMs: number
  readonly staleMs: number
  readonly delayMs: number
  readonly intervalMs: number
  readonly onLease?: (event: LeaseEvent) => void
  /** The folders were made anew: whoever watches them must begin again. */
  readonly foldersMade: () => void
}

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
  readonly #chronicle: Chronicle
  readonly #health: Health
  readonly #standBack: StandBack
  readonly #warned = new Set<string>()
  #prepared: Tenure | undefined
  #held: Tenure | undefined
  #releasing: Promise<void> = Promise.resolve()
  #mayCompeteAt = 0
  #foldersMade = false
  #termRetryMs = TERM_RETRY_MS
  #cleanTimer: ClockTimer | undefined
  #stopping = false
  /** Nothing asynchronous happens any more. */
  #exiting = false
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
    this.#health = new Health(namespace, clock, log, staleMs)
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
    const drained = await this.lease.stop(drainMs)
    this.#stopping = true
    this.wake()
    await this.#loop
    await this.#releasing
    await this.#prepared?.discard()
    this.#prepared = undefined
    this.#cleanTimer?.cancel()
    this.#holders.close()
    if (!drained) {
      this.#options.log.warn(
        `work of this member's last term in ${this.#options.namespace} did not end in time: its lease is left to expire`,
      )
    }
    this.#changed()
    this.state.complete()
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
      if (!this.#woken && !this.#stopping) await this.#sleep(delay)
    }
  }

  /** Until something happens, at most so long. */
  async #sleep(ms: number): Promise<void> {
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
    await this.#releasing
    if (!this.#foldersMade) {
      for (const folder of layout.folders) await fs.mkdir(folder)
      this.#foldersMade = true
      this.#options.foldersMade()
    }
    if (this.#held && this.lease.renewable) {
      await this.#verify(this.#held)
      return intervalMs
    }
    const campaigns = this.lease.participants > 0
    if (campaigns) this.#prepared ??= await Tenure.prepare(this.#tenureOptions())
    else if (this.#prepared) {
      const unused = this.#prepared
      this.#prepared = undefined
      await unused.discard()
    }

    if (campaigns && this.#holders.dead.length > 0) {
      for (const watch of this.#holders.dead) await this.#holders.depose(watch, PROCESS_ENDED)
      if (this.#mayCompeteInMs() <= 0) return await this.#compete()
    }

    const holding: HolderWatch[] = []
    for (const watch of await this.#holders.look(this.#held?.nonce)) {
      const reason = campaigns && watch.nonce !== this.#held?.nonce ? this.#holders.judge(watch) : undefined
      if (reason === undefined) holding.push(watch)
      else await this.#holders.depose(watch, reason)
    }
    this.#standBack.observed(holding.length === 0)
    const holder = holding.find(watch => watch.record) ?? holding[0]
    if (holder) {
      if (holder.nonce === this.#held?.nonce) return intervalMs
      const termKnown = await this.#recognise(holder)
      const stale = campaigns ? Math.max(1, this.#holders.staleInMs(holder)) : intervalMs
      if (termKnown) this.#termRetryMs = TERM_RETRY_MS
      else this.#termRetryMs = Math.min(this.#termRetryMs * 2, intervalMs)
      return Math.min(stale, termKnown ? intervalMs : this.#termRetryMs)
    }
    const wait = this.#mayCompeteInMs()
    return wait > 0 ? wait : await this.#compete()
  }

  #mayCompeteInMs(): number {
    if (!this.lease.mayCompete) return this.#options.intervalMs
    return Math.max(this.#standBack.remainingMs(), this.#mayCompeteAt - this.#options.clock.monotonic())
  }

  async #compete(): Promise<number> {
    const tenure = this.#prepared
    if (!tenure) return SOON_MS
    // Known before the rename: the library and the exit hook may ask for it from then on.
    this.#held = tenure
    let led = false
    try {
      const won = await tenure.acquire()
      if (won) led = await this.#takeOffice(tenure)
      else return 0
    } catch (error) {
      // Somebody took the preparation away.
      if (codeOf(error) !== 'ENOENT' || tenure.sent) throw error
      this.#prepared = undefined
      await tenure.discard()
      return SOON_MS
    } finally {
      if (tenure.sent) this.#prepared = undefined
      if (!led) {
        if (this.#held === tenure) this.#held = undefined
        if (tenure.sent) await this.#letGo(tenure, 'never led')
        // What it did itself wakes it: no hurry.
        this.#mayCompeteAt = Math.max(this.#mayCompeteAt, this.#options.clock.monotonic() + SOON_MS)
      }
    }
    return led ? this.#options.intervalMs : SOON_MS
  }

  /** From holding the lock to leading: nobody else may still be valid, then the term, then a last look. */
  async #takeOffice(tenure: Tenure): Promise<boolean> {
    const { clock } = this.#options
    const heldSince = clock.monotonic()
    const { entries, highest } = await this.#ledger.entries()
    for (const { term } of entries) this.#chronicle.saw(term)
    for (;;) {
      if (!this.lease.mayCompete || !this.#isCurrent(tenure)) return false
      const uncleared = await this.#holders.uncleared(entries, tenure.nonce, heldSince)
      if (uncleared.length === 0) break
      if (!(await tenure.isThere())) return false
      await this.#sleep(SOON_MS)
    }
    const newest = this.#chronicle.isNew ? entries[0]?.owner.nonce : undefined
    const before = newest === undefined ? undefined : await this.#ledger.reasonOf(newest)
    const owner = tenure.record
    const term = await this.#ledger.claim(owner, highest, this.#chronicle.highestTermSeen, clock.now())
    this.#chronicle.saw(term)
    if (!(await tenure.isThere()) || !this.#isCurrent(tenure) || !tenure.sent) return false
    tenure.term = term
    if (!this.lease.granted(term, tenure.sent)) return false
    this.#chronicle.leads(this.#options.self.id, term, true, before)
    this.#changed()
    this.#clean(tenure, term)
    return true
  }

  /** Before the grant: the lock's own end has not passed unrenewed. */
  #isCurrent(tenure: Tenure): boolean {
    const { clock, timing } = this.#options
    return !tenure.over && !!tenure.sent && clock.monotonic() < tenure.sent.monotonic + timing.hardEndAfterMs
  }

  async #verify(tenure: Tenure): Promise<void> {
    if (await tenure.isThere()) return
    const others = await this.#options.fs.readdir(this.#options.layout.lock).catch(() => [])
    if (this.#held === tenure) this.lease.lost(others.length > 0 ? 'taken' : 'record-changed')
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
    this.#compareSettings(holder.record)
    this.#chronicle.leads(holder.record.id, holder.term, false)
    return true
  }

  #compareSettings(record: OwnerRecord): void {
    const { namespace, updateMs, staleMs, intervalMs, log } = this.#options
    const own = { update: updateMs, stale: staleMs, 'acquire-lock-interval': intervalMs }
    const its = { update: record.updateMs, stale: record.staleMs, 'acquire-lock-interval': record.intervalMs }
    const differing = Object.entries(own).filter(([name, ms]) => its[name as keyof typeof its] !== ms)
    if (differing.length === 0 || this.#warned.has(record.incarnation)) return
    this.#warned.add(record.incarnation)
    const list = differing.map(([name, ms]) => `${name} is ${its[name as keyof typeof its]} ms there, ${ms} ms here`)
    log.warn(`member ${record.id} of ${namespace} has other settings: ${list.join('; ')}. Give all members the same.`)
  }

  #settled({ reason, detail, heldMs }: SettledTerm): Promise<void> {
    const tenure = this.#held
    this.#held = undefined
    const text = detail ? `${REASONS[reason]}: ${detail}` : REASONS[reason]
    this.#chronicle.ended(text, this.#options.clock.monotonic())
    this.#standBack.termEnded(reason === 'resigned', heldMs)
    if (tenure) this.#releasing = this.#letGo(tenure, text)
    this.wake()
    return this.#releasing
  }

  /** Gives the lock back. What fails here is made good by time: the record becomes stale. */
  async #letGo(tenure: Tenure, reason: string): Promise<void> {
    tenure.over = true
    if (this.#exiting) return
    await this.#ledger.markOver(tenure.nonce, reason)
    if (tenure.term !== undefined) this.lease.released(tenure.term)
    try {
      await tenure.release()
    } catch (error) {
      this.#health.failed('releasing the lock', error)
    }
  }

  /** The term is over in this member although its record may still lie there: a fact that nobody has to wait for. */
  #endedUnreleased(tenure: Tenure): void {
    if (tenure.over || this.#exiting) return
    tenure.over = true
    const { clock, namespace, log, self } = this.#options
    this.#chronicle.ended(REASONS[this.lease.reason ?? 'renewal-failed'], clock.monotonic())
    log.warn(
      `this member, ${self.id}, leads ${namespace} no longer, but work of its term ${tenure.term} is still under way`,
    )
    void this.#ledger.markOver(tenure.nonce, 'ended by itself')
  }

  #changed(): void {
    const held = this.#held
    if (held?.term !== undefined && this.lease.term?.phase === 'ended') this.#endedUnreleased(held)
    const role =
      this.lease.role ??
      (this.lease.participants === 0 ? 'off' : this.#standBack.remainingMs() > 0 ? 'standing-back' : 'follower')
    const { leader, lastChange, highestTermSeen } = this.#chronicle
    this.state.update({ role, leader, lastChange, highestTermSeen, health: this.#health.value })
    // A loss, or a campaign that was withdrawn, is the loop's business at once.
    if (!this.lease.renewable) this.#wakeUp?.()
  }

  #tenureOptions() {
    const { namespace, fs, clock, layout, library, updateMs, staleMs, intervalMs, self, host } = this.#options
    return {
      fs,
      clock,
      layout,
      library,
      updateMs,
      owner: { namespace, ...self, pid: process.pid, host, updateMs, staleMs, intervalMs },
      mayRenew: (tenure: Tenure) =>
        tenure === this.#held && (tenure.term === undefined ? this.#isCurrent(tenure) : this.lease.renewable),
      renewed: (tenure: Tenure, sent: Moment) => {
        this.#health.worked('renewing the lock')
        if (tenure.term !== undefined) this.lease.renewed(sent)
        // Acknowledged after the end: final (I6).
        else if (this.#isCurrent(tenure)) tenure.sent = sent
        else tenure.over = true
      },
      failed: (tenure: Tenure, error: unknown) => {
        // It came too late to matter.
        if (tenure.over) return
        this.#health.failed('renewing the lock', error)
        this.#changed()
      },
      compromised: () => this.wake(),
      unheard: (tenure: Tenure) => {
        tenure.over = true
        if (tenure === this.#held) this.lease.lost('record-changed')
        if (tenure === this.#prepared) this.#prepared = undefined
      },
      mayRelease: (tenure: Tenure) => tenure !== this.#held || this.lease.term === undefined,
      exiting: (tenure: Tenure) => {
        if (tenure !== this.#held) return
        this.#exiting = true
        this.lease.lost('stopped')
        this.#ledger.markOverSync(tenure.nonce, 'process exited')
        if (tenure.term !== undefined) this.lease.released(tenure.term)
      },
    }
  }

  /** Terms and marks at once, for leaders may be short-lived; what needs connections when this one has settled in. */
  #clean(tenure: Tenure, term: bigint): void {
    const { fs, layout, clock, log, namespace } = this.#options
    const failed = (error: unknown) => log.debug(`leftovers of ${namespace} could not be removed`, { error })
    this.#ledger.clean(term).catch(failed)
    this.#cleanTimer?.cancel()
    this.#cleanTimer = clock
      .setTimeout(() => {
        if (this.#held === tenure && this.lease.renewable) cleanSockets(fs, layout, tenure.nonce).catch(failed)
      }, CLEAN_AFTER_MS)
      .unref()
  }
}
