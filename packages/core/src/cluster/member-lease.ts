import type { Clock, ClockTimer } from '../clock.ts'
import { DromedaryError } from '../errors.ts'
import type { LossReason } from './contract.ts'
import { MemberLeadership } from './leadership.ts'
import { LeaseTerm } from './lease-term.ts'
import { DEFAULT_DRAIN_MS, type LeaseTiming, type Moment } from './lease-timing.ts'
import { guarded, type Report } from './listeners.ts'
import { type LeaseParticipation, Participation } from './participation.ts'

/** Told before `isValid` may answer by it, so that a test harness knows each end in advance. */
export interface LeaseEvent {
  readonly type: 'granted' | 'extended' | 'ended' | 'released'
  readonly namespace: string
  readonly term: bigint
  /** By the host's monotonic clock, in milliseconds. */
  readonly hardEndMonotonicMs: number
}

/** A term that is over: ended, and nothing of it under way in this member. */
export interface SettledTerm {
  readonly term: bigint
  /** Why it closed. */
  readonly reason: LossReason
  /** What was said to `resign`. */
  readonly detail?: string
  readonly heldMs: number
}

export interface MemberLeaseOptions {
  readonly namespace: string
  readonly clock: Clock
  readonly timing: LeaseTiming
  /** Takes what listeners throw. */
  readonly report: Report
  /** How long a resigning or withdrawing member may drain; 45 s. */
  readonly drainMs?: number
  readonly onEvent?: (event: LeaseEvent) => void
  /** Role, phase or participants may have changed. */
  readonly onChange?: () => void
  /**
   * Once per term, when it has ended and every participant has drained: only now may the record be released, if it is
   * still this term's. A withdrawing participant waits for the promise.
   */
  readonly onSettled: (settled: SettledTerm) => void | Promise<void>
}

/**
 * One member's side of one namespace: the participants, and the term that it holds for them. Knows no storage: the
 * service says what was granted, renewed and lost, and hears when it may release.
 *
 * Obligations of the service: {@link granted} only while {@link mayCompete}; renew while {@link renewable}; release
 * only in `onSettled`, never before.
 */
export class MemberLease {
  readonly #options: MemberLeaseOptions
  readonly #participations = new Set<Participation>()
  #held: Held | undefined

  constructor(options: MemberLeaseOptions) {
    this.#options = options
  }

  /** How many campaigns are not withdrawn. */
  get participants(): number {
    let active = 0
    for (const participation of this.#participations) if (!participation.leaving) active++
    return active
  }

  /** Somebody campaigns, and nothing of an older term is under way. */
  get mayCompete(): boolean {
    return this.#held === undefined && this.participants > 0
  }

  /** The term that this member holds or held and has not finished draining. */
  get term(): LeaseTerm | undefined {
    return this.#held?.term
  }

  /** Why that term closed; undefined while it is open. */
  get reason(): LossReason | undefined {
    return this.#held?.reason
  }

  /** Whether the term is to be renewed: open, or draining after this member let go of its own will. */
  get renewable(): boolean {
    const held = this.#held
    if (!held?.term.isAlive()) return false
    return held.term.phase === 'open' || held.voluntary
  }

  /** `leader` while some participant leads, `draining` while something of the term is under way, else undefined. */
  get role(): 'leader' | 'draining' | undefined {
    const held = this.#held
    if (!held) return undefined
    for (const leadership of held.leaderships.values()) if (leadership.phase === 'open') return 'leader'
    return 'draining'
  }

  /** Adds a participant; it joins a term that is open. */
  join(participant: string): LeaseParticipation {
    const { namespace, report, drainMs = DEFAULT_DRAIN_MS } = this.#options
    const participation = new Participation(participant, {
      namespace,
      report,
      drainMs,
      leave: ms => this.#leave(participation, ms),
    })
    this.#participations.add(participation)
    if (this.#held?.term.isOpen()) this.#lead(this.#held, participation)
    this.#changed()
    return participation
  }

  /**
   * The acquiring write, sent at `sent`, was acknowledged. False if its end has already passed or nobody campaigns any
   * more: then release. Throws `DROMEDARY_INVALID_STATE` while an older term is not settled.
   */
  granted(term: bigint, sent: Moment): boolean {
    if (this.#held) {
      throw new DromedaryError('DROMEDARY_INVALID_STATE', `Term ${this.#held.term.term} has not settled yet.`)
    }
    if (this.participants === 0) return false
    const held = new Held(this.#options, term, sent, {
      closed: reason => this.#closed(held, reason),
      ended: reason => this.#ended(held, reason),
      extending: hardEnd => this.#event('extended', term, hardEnd),
    })
    this.#event('granted', term, held.term.hardEnd)
    if (!held.term.isOpen()) return false
    this.#held = held
    held.term.start()
    for (const participation of [...this.#participations]) {
      if (!participation.leaving && held.term.isOpen()) this.#lead(held, participation)
    }
    this.#settle()
    this.#changed()
    return true
  }

  /** A renewal sent at `sent` was acknowledged. False if the term cannot be renewed any more. */
  renewed(sent: Moment): boolean {
    return this.#held?.term.renewed(sent) ?? false
  }

  /** The term is gone, now: no drain budget. */
  lost(reason: LossReason): void {
    this.#held?.term.end(reason)
  }

  /** This member lets go: closes, drains at most `drainMs` while renewals go on, then settles. Without a term nothing. */
  close(reason: LossReason, detail?: string, drainMs: number = this.#options.drainMs ?? DEFAULT_DRAIN_MS): void {
    const held = this.#held
    if (held?.term.phase !== 'open') return
    if (detail !== undefined) held.detail = detail
    held.voluntary = true
    held.drainTimer = this.#options.clock.setTimeout(() => held.term.end(reason), drainMs).unref()
    held.term.close(reason, true)
  }

  /**
   * Withdraws everybody; true once all have drained, also those that withdrew before, false when `drainMs` passed
   * before. Nothing is renewable afterwards.
   */
  async stop(drainMs: number = this.#options.drainMs ?? DEFAULT_DRAIN_MS): Promise<boolean> {
    const held = this.#held
    this.close('stopped', undefined, drainMs)
    const passed = Promise.withResolvers<void>()
    const leaving = [...this.#participations]
    const left = Promise.all(leaving.map(participation => participation.leave(drainMs)))
    // One that is leaving already may have been given longer.
    const deadline = this.#options.clock
      .setTimeout(() => {
        for (const participation of leaving) participation.giveUp?.()
        held?.term.end('stopped')
        passed.resolve()
      }, drainMs)
      .unref()
    await left
    // One that has given up already may still have work under way.
    await Promise.race([held?.settled.promise, passed.promise])
    deadline.cancel()
    return this.#held === undefined
  }

  /** For the service: what it did with the record. */
  released(term: bigint): void {
    this.#event('released', term, this.#options.clock.monotonic())
  }

  #lead(held: Held, participation: Participation): void {
    const leadership = new MemberLeadership(
      held.term,
      {
        drained: drained => {
          if (drained.flipEnded()) drained.announce(held.reason ?? 'stopped')
          held.undrained.delete(drained)
          // A term may last longer than many who took part in it.
          if (participation.leaving) held.leaderships.delete(participation)
          participation.drained()
          this.#settle()
          this.#changed()
        },
        ended: ended => participation.ended(ended),
        resign: detail => this.close('resigned', detail),
      },
      this.#options.report,
    )
    held.leaderships.set(participation, leadership)
    held.undrained.add(leadership)
    participation.lead(leadership)
  }

  async #leave(participation: Participation, drainMs: number): Promise<boolean> {
    const held = this.#held
    let inTime = true
    if (held) {
      const leadership = held.leaderships.get(participation)
      const drained = participation.whenDrained()
      const gaveUp = Promise.withResolvers<void>()
      participation.giveUp = () => {
        // Settled: only the release is waited for.
        if (this.#held !== held) return
        inTime = false
        const owing = leadership?.isDrained === false
        if (leadership?.flipEnded()) leadership.announce('stopped')
        // One that only waits for others leaves them the time they were given.
        if (owing && this.participants === 0) held.term.end('stopped')
        gaveUp.resolve()
      }
      const deadline = this.#options.clock.setTimeout(participation.giveUp, drainMs).unref()
      if (leadership && !leadership.isDrained) {
        // The last one closes the term: who joins while it drains gets another one.
        if (this.participants === 0) this.close('stopped', undefined, drainMs)
        if (leadership.flipClosing()) leadership.announce('stopped')
        this.#changed()
        await Promise.race([drained, gaveUp.promise])
      }
      this.#settle()
      if (inTime && this.participants === 0) await Promise.race([held.settled.promise, gaveUp.promise])
      deadline.cancel()
      participation.giveUp = undefined
    }
    this.#participations.delete(participation)
    this.#settle()
    this.#changed()
    return inTime
  }

  #closed(held: Held, reason: LossReason): void {
    held.reason ??= reason
    this.#announce(held, reason, leadership => leadership.flipClosing())
  }

  #ended(held: Held, reason: LossReason): void {
    held.reason ??= reason
    held.drainTimer?.cancel()
    this.#event('ended', held.term.term, held.term.hardEnd)
    this.#announce(held, reason, leadership => leadership.flipEnded())
  }

  #announce(held: Held, reason: LossReason, flip: (leadership: MemberLeadership) => boolean): void {
    const flipped = [...held.leaderships.values()].filter(flip)
    for (const leadership of flipped) leadership.announce(reason)
    this.#settle()
    this.#changed()
  }

  #settle(): void {
    const held = this.#held
    if (!held || held.undrained.size > 0) return
    if (held.term.phase === 'open' && this.participants > 0) return
    this.#held = undefined
    held.term.end(held.reason ?? 'stopped')
    const { term, reason = 'stopped', detail } = held
    const heldMs = this.#options.clock.monotonic() - held.since
    // Runs at once; what it throws becomes a rejection.
    const release = async () =>
      this.#options.onSettled({ term: term.term, reason, heldMs, ...(detail !== undefined && { detail }) })
    held.settled.resolve(release().catch(this.#options.report))
  }

  #event(type: LeaseEvent['type'], term: bigint, hardEndMonotonicMs: number): void {
    const { namespace, onEvent, report } = this.#options
    if (onEvent) guarded(report, () => onEvent({ type, namespace, term, hardEndMonotonicMs }))
  }

  #changed(): void {
    const { onChange, report } = this.#options
    if (onChange) guarded(report, onChange)
  }
}

class Held {
  readonly term: LeaseTerm
  readonly since: number
  readonly leaderships = new Map<Participation, MemberLeadership>()
  readonly undrained = new Set<MemberLeadership>()
  voluntary = false
  reason: LossReason | undefined
  detail: string | undefined
  drainTimer: ClockTimer | undefined
  /** Resolves when nothing of the term is under way and the service has given the record back. */
  readonly settled = Promise.withResolvers<void>()

  constructor(
    options: MemberLeaseOptions,
    term: bigint,
    sent: Moment,
    owner: ConstructorParameters<typeof LeaseTerm>[3]['owner'],
  ) {
    this.since = sent.monotonic
    this.term = new LeaseTerm(options.namespace, term, sent, { clock: options.clock, timing: options.timing, owner })
  }
}
