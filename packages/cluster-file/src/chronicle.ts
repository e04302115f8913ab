import { type Clock, DromedaryError, type Logger, messageOf } from '@dromedary/core'
import type { ClusterHealth, ClusterState, LossReason } from '@dromedary/core/cluster'
import { codeOf } from './lock-fs.ts'

/** What people read about a loss. */
export const REASONS: Readonly<Record<LossReason, string>> = {
  'renewal-failed': 'renewal failed',
  taken: 'taken over',
  clock: 'clock stepped',
  stalled: 'stalled',
  'record-changed': 'record removed',
  resigned: 'resigned',
  stopped: 'released',
}

/** Who led a namespace when, as this member saw it; one line of the log per election. */
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

  /** `before`: what is known of the leader before, from the folder, by a member that has not seen it itself. */
  leads(id: string, term: bigint, own: boolean, before?: string): void {
    if (this.leader?.term === term) return
    this.saw(term)
    const leaderlessMs = Math.max(0, this.#clock.monotonic() - this.#leaderlessSince)
    const endedBy = this.#endedBy ?? (own && this.#first ? (before ?? 'first election') : undefined)
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
    this.#log.info(`leader of ${this.#namespace} is ${own ? `this member, ${id}` : id}, term ${term}${change}`)
  }

  /** Nobody leads from `at` on; the first reason stays. */
  ended(reason: string, at: number): void {
    if (!this.leader) {
      this.#endedBy ??= reason
      return
    }
    this.leader = undefined
    this.#endedBy = reason
    this.#leaderlessSince = at
  }
}

function readable(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** Failed rounds and renewals: counted, logged once per change. */
export class Health {
  readonly #namespace: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #downAfterMs: number
  readonly #open = new Map<string, DromedaryError>()
  #failures = 0
  #since = 0
  #logged: string | undefined

  constructor(namespace: string, clock: Clock, log: Logger, downAfterMs: number) {
    this.#namespace = namespace
    this.#clock = clock
    this.#log = log
    this.#downAfterMs = downAfterMs
  }

  /** `what`: the kind of work that failed; each recovers by itself. */
  failed(what: string, cause: unknown): void {
    if (this.#failures++ === 0) this.#since = this.#clock.monotonic()
    const error = new DromedaryError(
      'DROMEDARY_CLUSTER_BACKEND',
      `The folder of cluster namespace ${this.#namespace} cannot be used: ${what} failed: ${messageOf(cause)}`,
      { cause },
    )
    this.#open.set(what, error)
    const change = `${what} ${codeOf(cause) ?? messageOf(cause)}`
    if (change === this.#logged) return
    this.#logged = change
    this.#log.warn(error.message)
  }

  worked(what: string): void {
    if (!this.#open.delete(what) || this.#open.size > 0) return
    this.#log.info(`the folder of cluster namespace ${this.#namespace} works again, after ${this.#failures} failures`)
    this.#failures = 0
    this.#logged = undefined
  }

  get value(): ClusterHealth {
    const error = [...this.#open.values()].at(-1)
    if (!error) return { status: 'up', failures: 0 }
    const down = this.#clock.monotonic() - this.#since >= this.#downAfterMs
    return { status: down ? 'down' : 'degraded', failures: this.#failures, error }
  }
}
