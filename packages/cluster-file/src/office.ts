import type { ClockTimer } from '@dromedary/core'
import { type Chronicle, type HealthTracker, LOSS_WORDS, type MemberLease } from '@dromedary/core/cluster'
import { cleanSockets } from './cleaner.ts'
import type { ElectionOptions } from './election-options.ts'
import type { Holders } from './holders.ts'
import type { Ledger } from './ledger.ts'
import { codeOf } from './lock-fs.ts'
import { Tenure, type TenureOptions } from './tenure.ts'

/** How often a holder that may not lead yet looks again. */
const SOON_MS = 20
/** A new leader has settled in. */
const CLEAN_AFTER_MS = 1000
/** Followers that die again and again leave things, too. */
const CLEAN_EVERY_MS = 60_000

export interface OfficeParts {
  readonly lease: MemberLease
  readonly ledger: Ledger
  readonly holders: Holders
  readonly chronicle: Chronicle
  readonly health: HealthTracker
  /** Look again at once. */
  readonly wake: () => void
  readonly changed: () => void
  /** At most so long. */
  readonly sleep: (ms: number) => Promise<void>
}

/** What came of competing: `late`, somebody else was faster; `refused`, it held the lock and could not lead. */
export type Outcome = 'leads' | 'late' | 'refused'

/** This member's own way from a prepared nonce to leading, and back. */
export class Office {
  readonly #options: ElectionOptions
  readonly #parts: OfficeParts
  #prepared: Tenure | undefined
  #held: Tenure | undefined
  #releasing: Promise<void> = Promise.resolve()
  #cleanTimer: ClockTimer | undefined
  /** The exit hook runs: nothing asynchronous happens any more, unless the process survives. */
  #exiting = false

  constructor(options: ElectionOptions, parts: OfficeParts) {
    this.#options = options
    this.#parts = parts
  }

  /** The nonce with which this member holds the lock, or held it and has not drained. */
  get nonce(): string | undefined {
    return this.#held?.nonce
  }

  /** Resolves when nothing is being given back. */
  get released(): Promise<void> {
    return this.#releasing
  }

  /** Whoever wins is decided by one rename: everything else is done before. */
  async prepare(): Promise<void> {
    this.#prepared ??= await Tenure.prepare(this.#tenureOptions())
  }

  /** Takes back what {@link prepare} did, if it was not used. */
  async withdraw(): Promise<void> {
    const unused = this.#prepared
    this.#prepared = undefined
    await unused?.discard()
  }

  async compete(): Promise<Outcome> {
    const tenure = this.#prepared
    if (!tenure) return 'refused'
    // Known before the rename: the library and the exit hook may ask for it from then on.
    this.#held = tenure
    let leads = false
    try {
      if (!(await tenure.acquire())) return 'late'
      leads = await this.#take(tenure)
      return leads ? 'leads' : 'refused'
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tenure.sent) throw error
      // Somebody took the preparation away.
      await this.withdraw()
      return 'refused'
    } finally {
      if (tenure.sent) this.#prepared = undefined
      if (!leads) {
        // Should anything have failed after the grant: what is given back is valid no more.
        if (this.#held === tenure && tenure.term !== undefined) this.#parts.lease.lost('record-changed')
        if (this.#held === tenure && this.#parts.lease.term === undefined) this.#held = undefined
        if (tenure.sent && this.#held !== tenure) await this.#letGo(tenure, 'never led')
      }
    }
  }

  /** From holding the lock to leading: nobody else may still be valid, then the term, then a last look. */
  async #take(tenure: Tenure): Promise<boolean> {
    const { clock } = this.#options
    const heldSince = clock.monotonic()
    const { entries, highest } = await this.#parts.ledger.entries()
    for (const { term } of entries) this.#parts.chronicle.saw(term)
    for (;;) {
      if (!this.#parts.lease.mayCompete || !this.#isCurrent(tenure)) return false
      const uncleared = await this.#parts.holders.uncleared(entries, tenure.nonce, heldSince)
      if (uncleared.length === 0) break
      if (!(await tenure.isThere())) return false
      await this.#parts.sleep(SOON_MS)
    }
    const newest = this.#parts.chronicle.isNew ? entries[0]?.owner.nonce : undefined
    const before = newest === undefined ? undefined : await this.#parts.ledger.reasonOf(newest)
    const owner = tenure.record
    const term = await this.#parts.ledger.claim(owner, highest, this.#parts.chronicle.highestTermSeen, clock.now())
    this.#parts.chronicle.saw(term)
    if (!(await tenure.isThere()) || !this.#isCurrent(tenure) || !tenure.sent) return false
    tenure.term = term
    if (!this.#parts.lease.granted(term, tenure.sent)) return false
    // A participant may have withdrawn while it was told.
    if (this.#parts.lease.term?.term !== term) return true
    this.#parts.chronicle.leads({ id: this.#options.self.id, term, own: true, before })
    this.#parts.changed()
    this.#clean(tenure, term)
    return true
  }

  /** Before the grant: the lock's own end has not passed unrenewed. */
  #isCurrent(tenure: Tenure): boolean {
    const { clock, timing } = this.#options
    return !tenure.over && !!tenure.sent && clock.monotonic() < tenure.sent.monotonic + timing.hardEndAfterMs
  }

  /** A leader's round: the record still lies there, or the term is lost. */
  async verify(): Promise<void> {
    const tenure = this.#held
    if (!tenure || (await tenure.isThere())) return
    const others = await this.#options.fs.readdir(this.#options.layout.lock).catch(() => [])
    if (this.#held === tenure) this.#parts.lease.lost(others.length > 0 ? 'taken' : 'record-changed')
  }

  /** The term has ended and nothing of it is under way: gives the lock back. */
  settle(reason: string): Promise<void> {
    const tenure = this.#held
    this.#held = undefined
    if (tenure) this.#releasing = this.#letGo(tenure, reason)
    return this.#releasing
  }

  /**
   * To be asked after each change: whether the term has ended while work of it is under way. Its record stays, but that
   * it is over is a fact that nobody has to wait for.
   */
  noticeEnd(): void {
    const tenure = this.#held
    const { lease, chronicle, ledger } = this.#parts
    if (tenure?.term === undefined || tenure.over || this.#exiting || lease.term?.phase !== 'ended') return
    tenure.over = true
    const { clock, namespace, log, self } = this.#options
    chronicle.ended(LOSS_WORDS[lease.reason ?? 'renewal-failed'], clock.monotonic())
    log.warn(
      `this member, ${self.id}, leads ${namespace} no longer, but work of its term ${tenure.term} is still under way`,
    )
    void ledger.markOver(tenure.nonce, 'ended by itself')
  }

  /** Nothing is cleaned any more. */
  close(): void {
    this.#cleanTimer?.cancel()
  }

  /** What fails here is made good by time: the record becomes stale. */
  async #letGo(tenure: Tenure, reason: string): Promise<void> {
    tenure.over = true
    if (this.#exiting || tenure.givenBack) return
    tenure.givenBack = true
    await this.#parts.ledger.markOver(tenure.nonce, reason)
    if (tenure.term !== undefined) this.#parts.lease.released(tenure.term)
    try {
      await tenure.release()
    } catch (error) {
      this.#parts.health.failed('releasing the lock', error)
    }
  }

  /** The first process of a container survives a signal that nobody listens to. */
  #survived(tenure: Tenure): void {
    this.#exiting = false
    // Its record went with the exit hook; it listens still.
    if (tenure !== this.#held && !tenure.givenBack) {
      tenure.givenBack = true
      this.#releasing = this.#parts.ledger
        .markOver(tenure.nonce, 'process exited')
        .then(() => tenure.release())
        .catch(error => this.#parts.health.failed('releasing the lock', error))
    }
    this.#parts.changed()
  }

  #tenureOptions(): TenureOptions {
    const { namespace, fs, clock, layout, library, updateMs, staleMs, intervalMs, self, host } = this.#options
    return {
      fs,
      clock,
      layout,
      library,
      updateMs,
      owner: { namespace, ...self, pid: process.pid, host, updateMs, staleMs, intervalMs },
      mayRenew: tenure =>
        tenure === this.#held && (tenure.term === undefined ? this.#isCurrent(tenure) : this.#parts.lease.renewable),
      renewed: (tenure, sent) => {
        if (tenure !== this.#held) return
        this.#parts.health.worked('renewing the lock')
        if (tenure.term !== undefined) this.#parts.lease.renewed(sent)
        // Acknowledged after the end: final (I6).
        else if (this.#isCurrent(tenure)) tenure.sent = sent
        else tenure.over = true
      },
      failed: (tenure, error) => {
        // It came too late to matter.
        if (tenure.over) return
        this.#parts.health.failed('renewing the lock', error)
        this.#parts.changed()
      },
      compromised: () => this.#parts.wake(),
      unheard: tenure => {
        if (tenure === this.#held) this.#parts.lease.lost('record-changed')
        tenure.over = true
        if (tenure === this.#prepared) this.#prepared = undefined
      },
      mayRelease: tenure => tenure !== this.#held || this.#parts.lease.term === undefined,
      exiting: tenure => {
        if (tenure !== this.#held) return true
        this.#exiting = true
        clock.setTimeout(() => this.#survived(tenure), 0).unref()
        const { lease } = this.#parts
        lease.lost('stopped')
        if (lease.term !== undefined) return false
        this.#parts.ledger.markOverSync(tenure.nonce, 'process exited')
        if (tenure.term !== undefined) lease.released(tenure.term)
        return true
      },
    }
  }

  /** Terms and marks at once, for leaders may be short-lived; what needs connections when this one has settled in. */
  #clean(tenure: Tenure, term: bigint): void {
    const { fs, layout, clock, log, namespace } = this.#options
    const failed = (error: unknown) => log.debug(`leftovers of ${namespace} could not be removed`, { error })
    this.#parts.ledger.clean(term).catch(failed)
    this.#cleanTimer?.cancel()
    const later = (ms: number) => {
      this.#cleanTimer = clock
        .setTimeout(() => {
          if (this.#held !== tenure || !this.#parts.lease.renewable) return
          cleanSockets(fs, layout, tenure.nonce).catch(failed)
          later(CLEAN_EVERY_MS)
        }, ms)
        .unref()
    }
    later(CLEAN_AFTER_MS)
  }
}
