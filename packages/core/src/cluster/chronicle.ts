import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { ClusterState, LossReason } from './contract.ts'

/** What people read about a loss. */
export const LOSS_WORDS: Readonly<Record<LossReason, string>> = {
  'renewal-failed': 'renewal failed',
  taken: 'taken over',
  clock: 'clock stepped',
  stalled: 'stalled',
  'record-changed': 'record removed',
  resigned: 'resigned',
  stopped: 'released',
}

/** A leader, as a cluster service learned of it. */
export interface SeenLeader {
  readonly id: string
  readonly term: bigint
  /** It is this member. */
  readonly own: boolean
  /** What the storage says of the end of the leader before, for a member that has not seen it itself. */
  readonly before?: string | undefined
  /** Where it leads, for people: `pod a, Lease default/b`. */
  readonly where?: string
}

/**
 * Who led a namespace when, as this member saw it; one line of the log per election: who, where, its term, how long nobody
 * led, and why the one before ended.
 */
export class Chronicle {
  readonly #namespace: string
  readonly #clock: Clock
  readonly #log: Logger
  leader: ClusterState['leader']
  lastChange: ClusterState['lastChange']
  highestTermSeen = 0n
  #leaderlessSince: number
  #endedBy: string | undefined
  #first = true
  /** Of this member, and over: no storage that is late makes it lead again. */
  #ownTerm: { readonly term: bigint; ended: boolean } | undefined

  constructor(namespace: string, clock: Clock, log: Logger) {
    this.#namespace = namespace
    this.#clock = clock
    this.#log = log
    this.#leaderlessSince = clock.monotonic()
  }

  /** Whether this member has seen no leader and no end of one yet. */
  get isNew(): boolean {
    return this.#first && this.#endedBy === undefined
  }

  saw(term: bigint): void {
    if (term > this.highestTermSeen) this.highestTermSeen = term
  }

  /** Somebody leads. Says so once for each term. */
  leads({ id, term, own, before, where }: SeenLeader): void {
    if (this.leader?.term === term || (own && this.#ownTerm?.term === term && this.#ownTerm.ended)) return
    if (own) this.#ownTerm = { term, ended: false }
    this.saw(term)
    const leaderlessMs = Math.max(0, this.#clock.monotonic() - this.#leaderlessSince)
    const first = own && this.#first ? (before ?? 'first election') : undefined
    const endedBy = this.#endedBy ?? (this.leader ? before : first)
    if (this.leader || endedBy !== undefined) {
      this.lastChange = { reason: endedBy ?? 'superseded', leaderlessMs: this.leader ? 0 : leaderlessMs }
    }
    this.leader = { id, term }
    const change =
      endedBy === undefined
        ? ''
        : `, after ${readable(this.lastChange?.leaderlessMs ?? 0)} without a leader (${endedBy})`
    this.#first = false
    this.#endedBy = undefined
    const place = where === undefined ? '' : `, ${where}`
    this.#log.info(`leader of ${this.#namespace} is ${own ? `this member, ${id}` : id}${place}, term ${term}${change}`)
  }

  /** Nobody leads from `at` on; the first reason stays. */
  ended(reason: string, at: number): void {
    if (!this.leader) {
      this.#endedBy ??= reason
      return
    }
    if (this.leader.term === this.#ownTerm?.term) this.#ownTerm.ended = true
    this.leader = undefined
    this.#endedBy = reason
    this.#leaderlessSince = at
  }
}

function readable(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
