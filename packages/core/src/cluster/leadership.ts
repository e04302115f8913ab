import type { Leadership, LossReason } from './contract.ts'
import type { LeaseTerm } from './lease-term.ts'
import { guardedAbortController, type Report } from './listeners.ts'

/** How far a term, or one participant's leadership in it, has come. Never goes back. */
export type LeadershipPhase = 'open' | 'closing' | 'ended'

/** What a leadership tells the lease that made it. */
export interface LeadershipOwner {
  /** The participant has nothing under way any more. */
  drained(leadership: MemberLeadership): void
  /** It has ended; called after the signals were aborted. */
  ended(leadership: MemberLeadership): void
  resign(reason: string): void
}

/** One participant's leadership in one term. Made and moved by the lease alone. */
export class MemberLeadership implements Leadership {
  readonly namespace: string
  readonly term: bigint
  readonly closing: AbortSignal
  readonly ended: AbortSignal
  #phase: LeadershipPhase = 'open'
  #drained = false
  #taken = false
  /** Listeners are being told: who drains meanwhile has not heard everything yet. */
  #announcing = false
  readonly #lease: LeaseTerm
  readonly #owner: LeadershipOwner
  readonly #closing: AbortController
  readonly #ended: AbortController

  constructor(lease: LeaseTerm, owner: LeadershipOwner, report: Report) {
    this.namespace = lease.namespace
    this.term = lease.term
    this.#lease = lease
    this.#owner = owner
    this.#closing = guardedAbortController(report)
    this.#ended = guardedAbortController(report)
    this.closing = this.#closing.signal
    this.ended = this.#ended.signal
  }

  get phase(): LeadershipPhase {
    return this.#phase
  }

  /** Whether the participant has nothing under way. */
  get isDrained(): boolean {
    return this.#drained
  }

  accepts(): boolean {
    return this.#lease.isOpen() && this.#phase === 'open'
  }

  isValid(): boolean {
    return this.#lease.isAlive() && this.#phase !== 'ended'
  }

  remainingMs(): number {
    return this.isValid() ? this.#lease.remainingMs() : 0
  }

  renewAgeMs(): number {
    return this.#lease.renewAgeMs()
  }

  drained(): void {
    if (this.#drained || this.#phase === 'open') return
    this.#drained = true
    if (!this.#announcing) this.#owner.drained(this)
  }

  resign(reason: string): void {
    if (this.#phase === 'open') this.#owner.resign(reason)
  }

  async renewed(): Promise<boolean> {
    return (await this.#lease.nextRenewal()) && this.isValid()
  }

  /** Somebody has been given this object; one that nobody was given has nothing to drain. */
  taken(): void {
    this.#taken = true
  }

  /** First half of closing: what is asked answers false from here on. */
  flipClosing(): boolean {
    if (this.#phase !== 'open') return false
    this.#phase = 'closing'
    return true
  }

  /** First half of ending. */
  flipEnded(): boolean {
    if (this.#phase === 'ended') return false
    this.#phase = 'ended'
    return true
  }

  /**
   * Second half, after everything was flipped: tells the listeners. One of them may drain at once; the lease hears of it
   * when all have been told, so that nobody else leads before `ended` was announced here.
   */
  announce(reason: LossReason): void {
    if (this.#phase === 'open') return
    const wasDrained = this.#drained
    const outermost = !this.#announcing
    this.#announcing = true
    const ends = this.#phase === 'ended' && !this.ended.aborted
    if (!this.closing.aborted) this.#closing.abort(reason)
    if (ends && !this.ended.aborted) {
      this.#ended.abort(reason)
      this.#owner.ended(this)
    }
    if (!this.#taken) this.drained()
    if (!outermost) return
    this.#announcing = false
    if (this.#drained && !wasDrained) this.#owner.drained(this)
  }
}
