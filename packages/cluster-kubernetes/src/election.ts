import { messageOf } from '@dromedary/core'
import {
  ClusterStateSubject,
  HealthTracker,
  type LeaseParticipation,
  LOSS_WORDS,
  MemberLease,
  type SettledTerm,
  StandBack,
} from '@dromedary/core/cluster'
import { ApiFailure } from './api.ts'
import type { ElectionOptions } from './election-options.ts'
import { LeaseWriter } from './lease-writer.ts'
import { Outlook } from './outlook.ts'
import { OwedRelease } from './owed-release.ts'
import type { LeaseRecord } from './record.ts'
import { Rounds } from './rounds.ts'

/** What a round may be doing when it fails. */
type Work = 'reading it' | 'acquiring it' | 'renewing it' | 'releasing it' | 'using it'

/** A release that failed is tried again so soon. */
const RELEASE_AGAIN_MS = 500
/** Nothing is to be done until something happens. */
const NOTHING_MS = 24 * 3_600_000
/** Whoever lost a race reads again within this, if no event told who won. */
const LATE_MS = 100
/** How long stop waits for a server that does not answer. */
const PATIENCE_MS = 5_000

/**
 * One member's election in one namespace. A single loop of guarded rounds does everything that needs the server; what
 * the watches tell is taken in at once, and makes the next round come at once where it matters.
 */
export class Election {
  readonly lease: MemberLease
  readonly state: ClusterStateSubject
  readonly #options: ElectionOptions
  readonly #outlook: Outlook
  readonly #writer: LeaseWriter
  readonly #health: HealthTracker
  readonly #standBack: StandBack
  readonly #rounds: Rounds
  #renewAt = 0
  #forcedAt = Number.NEGATIVE_INFINITY
  /** How often in a row somebody else was faster. */
  #late = 0
  readonly #owed: OwedRelease
  #doing: Work = 'reading it'
  #releasing: Promise<void> = Promise.resolve()

  constructor(options: ElectionOptions) {
    this.#options = options
    const { namespace, clock, random, log, timing, retryMs, leaseName, container, onLease } = options
    const report = (error: unknown) => log.error(`a listener of cluster namespace ${namespace} threw`, { error })
    const storage = `Lease ${leaseName} of cluster namespace ${namespace}`
    this.state = new ClusterStateSubject(namespace, report)
    this.#health = new HealthTracker({ storage, clock, log, downAfterMs: timing.leaseMs })
    this.#standBack = new StandBack({ clock, random, freeMs: 2 * retryMs })
    this.lease = new MemberLease({
      namespace,
      clock,
      timing,
      report,
      onChange: () => this.#changed(),
      onSettled: settled => this.#settled(settled),
      ...(onLease && { onEvent: onLease }),
    })
    this.#outlook = new Outlook(options, {
      taken: record => this.#taken(record),
      changed: () => this.#changed(),
      look: () => this.#mustLook(),
      free: () => {
        if (this.lease.mayCompete) this.#rounds.wake()
      },
      ownTerm: () => this.#writer.term,
    })
    this.#writer = new LeaseWriter({
      ...options,
      leaseMs: timing.leaseMs,
      containerId: () => container.id,
      lease: this.lease,
      observe: (record, askedAt) => void this.#outlook.observe(record, askedAt),
      newest: () => this.#outlook.record,
    })
    this.#owed = new OwedRelease({ clock, leaseMs: timing.leaseMs, writer: this.#writer })
    this.#rounds = new Rounds({
      clock,
      round: () => this.#round(),
      failed: error => this.#failed(error),
      // Who campaigns or drains stays; who only looks on keeps no process alive.
      mayEnd: () => !this.#isBusy,
      // The Lease has to be told.
      unfinished: () => this.#owed.isPossible,
    })
  }

  /** Begins the rounds. Idempotent. */
  start(): void {
    this.#rounds.start()
  }

  /** Somebody looks at the state. */
  wake(): void {
    this.#rounds.wake()
  }

  join(participant: string): LeaseParticipation {
    const participation = this.lease.join(participant)
    this.#rounds.wake()
    return participation
  }

  /** Withdraws; resolves when nothing runs any more, or `drainMs` has passed and the lease is left to expire. */
  async stop(drainMs: number | undefined): Promise<void> {
    const { clock, log, namespace } = this.#options
    const drained = await this.lease.stop(drainMs)
    const impatient = Promise.withResolvers<void>()
    const timer = clock.setTimeout(impatient.resolve, PATIENCE_MS)
    await Promise.race([this.#rounds.stop(), impatient.promise])
    this.#rounds.abandon()
    timer.cancel()
    this.#outlook.unfollow()
    if (!drained) log.warn(`work of this member's last term in ${namespace} goes on: its lease is left to expire`)
    this.#changed()
    this.state.complete()
  }

  /** Somebody campaigns, or something of a term is left to do. */
  get #isBusy(): boolean {
    return this.lease.participants > 0 || this.lease.term !== undefined || this.#owed.isDue
  }

  /** Gives the longest time until the next. */
  async #round(): Promise<number> {
    await this.#releasing
    if (!this.lease.mayCompete && this.lease.term === undefined) this.#owed.oweDoubtful(LOSS_WORDS.stopped)
    if (!this.#isBusy && !this.state.observed) {
      this.#outlook.unfollow()
      return NOTHING_MS
    }
    this.#outlook.follow()
    if (this.#owed.isDue) await this.#release()
    const next = this.lease.renewable ? await this.#hold() : await this.#follow()
    this.#changed()
    return next
  }

  /** Time until the next round after one that failed. */
  #failed(error: unknown): number {
    const { retryMs, clock } = this.#options
    const kind = error instanceof ApiFailure ? (error.reason ?? String(error.status)) : undefined
    this.#health.failed(this.#doing, error, kind)
    this.#changed()
    if (this.#owed.failed()) return Math.min(RELEASE_AGAIN_MS, retryMs)
    if (this.lease.renewable) {
      this.#renewAt = clock.monotonic() + retryMs / 2
      return retryMs / 2
    }
    // What was written may have been stored all the same.
    this.#outlook.reads.force(this.#outlook.reads.retryMs)
    return this.#outlook.reads.retryMs
  }

  async #hold(): Promise<number> {
    const { clock, retryMs } = this.#options
    const term = this.lease.term?.term
    const now = clock.monotonic()
    if (term === undefined || now < this.#renewAt) return this.#renewAt - now
    this.#renewAt = now + retryMs
    this.#doing = 'renewing it'
    await this.#writer.renew(term)
    this.#worked('renewing it', 'acquiring it', 'releasing it', 'reading it', 'using it')
    this.#outlook.nudge()
    void this.#learnContainer()
    return Math.max(0, this.#renewAt - clock.monotonic())
  }

  /** Not awaited: no renewal waits for it. */
  async #learnContainer(): Promise<void> {
    if (!this.#options.pods) return
    try {
      await this.#options.container.learn()
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 403) this.#options.container.giveUp('it may not read pods')
      else this.#options.log.debug(`its own pod cannot be read: ${messageOf(error)}`)
    }
  }

  async #follow(): Promise<number> {
    const due = this.#dueInMs()
    if (due <= 0) await this.#read()
    const refusal = this.#outlook.refusal
    if (refusal !== undefined) {
      // Its watch tells when it may be used.
      this.#health.failed('using it', new Error(refusal))
      return Math.max(1, this.#dueInMs())
    }
    this.#worked('using it')
    // What was not renewed is read once more: an event may have been missed, and a version may come back after a restore.
    if (due > 0 && this.#mayCompeteInMs() <= 0 && this.#outlook.observation.byExpiry) await this.#read()
    const wait = this.#mayCompeteInMs()
    return wait > 0 ? Math.max(1, Math.min(wait, this.#dueInMs())) : await this.#compete()
  }

  async #compete(): Promise<number> {
    const { clock, retryMs, random } = this.#options
    const outlook = this.#outlook
    const { record, highestTerm } = outlook.observation
    this.#doing = 'acquiring it'
    outlook.tellEnd()
    const outcome = await this.#writer.acquire(record, highestTerm, outlook.endOfTerm())
    this.#worked('acquiring it')
    this.#late = outcome === 'late' ? this.#late + 1 : 0
    if (outcome === 'leads') {
      this.#renewAt = clock.monotonic() + retryMs
      // The event of this very write may have come before its answer, when nobody knew yet that it was ours.
      outlook.tell()
      return retryMs
    }
    if (outcome === 'refused') {
      outlook.chronicle.ended(LOSS_WORDS.stopped, clock.monotonic())
      this.#owed.owe(this.#writer.term ?? 0n, LOSS_WORDS.stopped)
      return 0
    }
    // Twice in a row is no race any more: as client-go, once a retry period.
    const wait = this.#late > 1 ? outlook.reads.retryMs : LATE_MS * (0.5 + 0.5 * random())
    // Unless an event has told already who was faster.
    if (outlook.record === record) outlook.reads.force(wait)
    if (this.#late > 1) return wait
    return this.#dueInMs()
  }

  async #read(): Promise<void> {
    this.#doing = 'reading it'
    await this.#outlook.read()
    this.#worked('reading it', 'renewing it')
    // Somebody else leads: this member need not, and cannot show whether it could.
    const { record, observation, isOwn } = this.#outlook
    if (record?.holder && !isOwn && observation.freeInMs() > 0) {
      this.#worked('acquiring it')
      this.#late = 0
    }
  }

  async #release(): Promise<void> {
    this.#doing = 'releasing it'
    await this.#owed.pay()
    this.#worked('releasing it')
  }

  #worked(...what: readonly Work[]): void {
    for (const one of what) this.#health.worked(one)
  }

  #dueInMs(): number {
    return this.#outlook.dueInMs(this.lease.participants > 0)
  }

  /** Milliseconds; Infinity while something else must happen first. */
  #mayCompeteInMs(): number {
    const { observation, record, isOwn } = this.#outlook
    const free = observation.freeInMs()
    // One's own that could not be released is free for nobody else; one that vanished may be held.
    this.#standBack.observed(isOwn ? 'unclear' : free === 0 ? 'free' : record?.holder ? 'held' : 'unclear')
    if (!this.lease.mayCompete) return Number.POSITIVE_INFINITY
    return Math.max(free, this.#standBack.remainingMs())
  }

  #mustLook(): void {
    const { clock, retryMs } = this.#options
    const now = clock.monotonic()
    // Nobody can make it read or write without end.
    if (this.#forcedAt <= now) this.#forcedAt = Math.max(now, this.#forcedAt + retryMs / 2)
    this.#outlook.reads.force(this.#forcedAt - now)
    // A leader's renewal shows as much.
    this.#renewAt = Math.min(this.#renewAt, this.#forcedAt)
    this.#rounds.wake()
  }

  /** A foreign change of one's own Lease is a loss. */
  #taken(record: LeaseRecord | undefined): void {
    const term = this.lease.term?.term
    if (term === undefined || term !== this.#writer.term) return
    if (this.#writer.isMine(record, term)) this.#writer.adopt(record)
    else this.lease.lost(this.#writer.lossBy(record))
  }

  #settled({ term, reason, detail, heldMs }: SettledTerm): Promise<void> {
    const text = detail ? `${LOSS_WORDS[reason]}: ${detail}` : LOSS_WORDS[reason]
    this.#outlook.chronicle.ended(text, this.#options.clock.monotonic())
    this.#standBack.termEnded(reason === 'resigned', heldMs)
    // Somebody else's, or nobody's: there is nothing to let go.
    if (reason === 'taken' || reason === 'record-changed') {
      this.#rounds.wake()
      return Promise.resolve()
    }
    this.#owed.owe(term, text)
    this.#releasing = this.#release()
      .catch(error => void this.#failed(error))
      .finally(() => this.#rounds.wake())
    return this.#releasing
  }

  #changed(): void {
    const role =
      this.lease.role ??
      (this.lease.participants === 0 ? 'off' : this.#standBack.remainingMs() > 0 ? 'standing-back' : 'follower')
    const { leader, lastChange, highestTermSeen } = this.#outlook.chronicle
    this.state.update({ role, leader, lastChange, highestTermSeen, health: this.#health.value })
    // A loss, or a campaign that was withdrawn, is the loop's business at once.
    if (!this.lease.renewable) this.#rounds.look()
  }
}
