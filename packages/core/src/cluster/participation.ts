import type { Observable } from 'rxjs'
import { BehaviorSubject } from 'rxjs/internal/BehaviorSubject'
import type { Campaign, Leadership } from './contract.ts'
import type { MemberLeadership } from './leadership.ts'
import { GuardedObservable, type Report } from './listeners.ts'

/** What a participation needs of its lease. */
export interface ParticipationOptions {
  readonly namespace: string
  /** How long disposing may drain. */
  readonly drainMs: number
  readonly report: Report
  /** Withdraws; false when `drainMs` passed before everything was drained. */
  readonly leave: (drainMs: number) => Promise<boolean>
}

/** A campaign on a lease. */
export interface LeaseParticipation extends Campaign {
  readonly participant: string
  /** Withdraws, draining at most `drainMs`; false when that passed. Idempotent. */
  leave(drainMs: number): Promise<boolean>
}

/** One participant of a lease; for the lease alone. */
export class Participation implements LeaseParticipation {
  readonly namespace: string
  readonly participant: string
  readonly leadership: Observable<Leadership | undefined>
  readonly #subject = new BehaviorSubject<MemberLeadership | undefined>(undefined)
  readonly #options: ParticipationOptions
  /** While it leaves: waits for its draining no longer. */
  giveUp: (() => void) | undefined
  #left: Promise<boolean> | undefined
  #drained: (() => void) | undefined

  constructor(participant: string, options: ParticipationOptions) {
    this.participant = participant
    this.namespace = options.namespace
    this.#options = options
    this.leadership = new GuardedObservable(this.#subject, options.report, value => value?.taken())
  }

  get leaving(): boolean {
    return this.#left !== undefined
  }

  leave(drainMs: number): Promise<boolean> {
    if (!this.#left) {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>()
      // Set before anything is told: listeners may call again.
      this.#left = promise
      this.#options
        .leave(drainMs)
        .finally(() => this.#subject.complete())
        .then(resolve, reject)
    }
    return this.#left
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave(this.#options.drainMs)
  }

  lead(leadership: MemberLeadership): void {
    this.#subject.next(leadership)
  }

  ended(leadership: MemberLeadership): void {
    if (this.#subject.value === leadership) this.#subject.next(undefined)
  }

  whenDrained(): Promise<void> {
    return new Promise(resolve => {
      this.#drained = resolve
    })
  }

  drained(): void {
    this.#drained?.()
  }
}
