import type { Clock, ClockTimer } from '../clock.ts'
import type { LossReason } from './contract.ts'
import type { LeadershipPhase } from './leadership.ts'
import { type LeaseTiming, type Moment, momentOf, WALL_TOLERANCE_MS } from './lease-timing.ts'

/** An end that is found this long after it passed was missed by a process that did not run. */
const STALLED_MS = 250

/** What a term tells the lease that made it; each call comes after the phase has changed. */
export interface LeaseTermOwner {
  closed(reason: LossReason): void
  ended(reason: LossReason): void
  /** Called before {@link LeaseTerm.isAlive} may answer by the new end. */
  extending(hardEnd: number): void
}

/**
 * One held term: when it closes and ends. The timers only announce; every question reads both clocks, because after a
 * blocked loop queued callbacks run before timers (I2). An end found passed is final (I6).
 */
export class LeaseTerm {
  readonly namespace: string
  readonly term: bigint
  #phase: LeadershipPhase = 'open'
  /** Closing was asked for by this member: renewals go on until it has drained. */
  #voluntary = false
  #sent: Moment
  #timer: ClockTimer | undefined
  /** Who waits for a renewal that is sent later than they asked. */
  #awaiting: { readonly since: number; readonly tell: (renewed: boolean) => void }[] = []
  readonly #clock: Clock
  readonly #timing: LeaseTiming
  readonly #owner: LeaseTermOwner

  constructor(
    namespace: string,
    term: bigint,
    sent: Moment,
    options: { readonly clock: Clock; readonly timing: LeaseTiming; readonly owner: LeaseTermOwner },
  ) {
    this.namespace = namespace
    this.term = term
    this.#sent = sent
    this.#clock = options.clock
    this.#timing = options.timing
    this.#owner = options.owner
  }

  get phase(): LeadershipPhase {
    return this.#phase
  }

  /** The hard end by the monotonic clock, as it stands now. */
  get hardEnd(): number {
    return this.#sent.monotonic + this.#timing.hardEndAfterMs
  }

  /** Whether new work may begin. */
  isOpen(): boolean {
    this.#look()
    return this.#phase === 'open'
  }

  /** Whether work under way may still send. */
  isAlive(): boolean {
    this.#look()
    return this.#phase !== 'ended'
  }

  remainingMs(): number {
    return this.#phase === 'ended' ? 0 : Math.max(0, this.hardEnd - this.#clock.monotonic())
  }

  /** Since the last renewal that was acknowledged was sent. */
  renewAgeMs(): number {
    return this.#clock.monotonic() - this.#sent.monotonic
  }

  /** Arms the timers. */
  start(): void {
    this.#arm()
  }

  /**
   * A renewal sent at `sent` was acknowledged. False if that came too late, if this member lost the term before, or if
   * the clocks disagree: then nothing changes any more.
   */
  renewed(sent: Moment): boolean {
    if (!this.#mayRenew()) return false
    if (sent.monotonic <= this.#sent.monotonic) return true
    this.#owner.extending(sent.monotonic + this.#timing.hardEndAfterMs)
    if (!this.#mayRenew()) return false
    this.#sent = sent
    // The new moment may itself lie too far back.
    this.#look()
    this.#arm()
    if (!this.#isEnded()) this.#tellRenewed(sent.monotonic)
    return !this.#isEnded()
  }

  /** True once a renewal sent after this call was acknowledged, false when the term ends before. */
  nextRenewal(): Promise<boolean> {
    this.#look()
    if (this.#isEnded()) return Promise.resolve(false)
    return new Promise(tell => this.#awaiting.push({ since: this.#clock.monotonic(), tell }))
  }

  #tellRenewed(sent: number): void {
    const told = this.#awaiting.filter(({ since }) => since <= sent)
    this.#awaiting = this.#awaiting.filter(({ since }) => since > sent)
    for (const { tell } of told) tell(true)
  }

  /** A call, because the compiler would take the phase for what it was before the clocks were read. */
  #isEnded(): boolean {
    return this.#phase === 'ended'
  }

  #mayRenew(): boolean {
    this.#look()
    return this.#phase === 'open' || (this.#phase === 'closing' && this.#voluntary)
  }

  /** No new work; work under way may go on until the hard end, which renewals still move if `voluntary`. */
  close(reason: LossReason, voluntary: boolean): void {
    if (this.#phase !== 'open') return
    this.#phase = 'closing'
    this.#voluntary = voluntary
    this.#arm()
    this.#owner.closed(reason)
  }

  end(reason: LossReason): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#timer?.cancel()
    for (const { tell } of this.#awaiting.splice(0)) tell(false)
    this.#owner.ended(reason)
  }

  #look(): void {
    if (this.#phase === 'ended') return
    let monotonic = this.#clock.monotonic()
    let wall = this.#clock.now()
    // A pause between the two readings is no step, and what was read before it says nothing about the end.
    if (this.#disagree(monotonic, wall)) ({ monotonic, wall } = momentOf(this.#clock))
    const since = monotonic - this.#sent.monotonic
    if (since >= this.#timing.hardEndAfterMs) {
      this.end(this.#phase === 'open' ? 'stalled' : 'renewal-failed')
    } else if (this.#disagree(monotonic, wall)) {
      this.end('clock')
    } else if (this.#phase === 'open' && since >= this.#timing.closeAfterMs) {
      this.close(since - this.#timing.closeAfterMs > STALLED_MS ? 'stalled' : 'renewal-failed', false)
    }
  }

  #disagree(monotonic: number, wall: number): boolean {
    return Math.abs(wall - this.#sent.wall - (monotonic - this.#sent.monotonic)) > WALL_TOLERANCE_MS
  }

  #arm(): void {
    this.#timer?.cancel()
    if (this.#phase === 'ended') return
    const after = this.#phase === 'open' ? this.#timing.closeAfterMs : this.#timing.hardEndAfterMs
    const left = this.#sent.monotonic + after - this.#clock.monotonic()
    this.#timer = this.#clock
      .setTimeout(
        () => {
          this.#look()
          // Timers may fire a little early.
          this.#arm()
        },
        Math.max(0.1, left),
      )
      .unref()
  }
}
