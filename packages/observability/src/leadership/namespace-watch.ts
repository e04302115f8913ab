import type { Clock } from '@dromedary/core'
import type { ClusterState, Leadership } from '@dromedary/core/cluster'

/** What is known of one namespace that this member takes part in. Only looks: it takes part in nothing. */
export class NamespaceWatch {
  readonly namespace: string
  readonly #clock: Clock
  /** Of each route that takes part, while it has not ended. */
  readonly #leaderships = new Set<Leadership>()
  #state: ClusterState | undefined
  #roleSince: number
  #newestTerm: bigint | undefined
  #transitions = 0
  #leaderlessMs = 0
  /** By the monotonic clock; while this member takes part and knows of no leader. */
  #leaderlessSince: number | undefined

  constructor(namespace: string, clock: Clock) {
    this.namespace = namespace
    this.#clock = clock
    this.#roleSince = clock.now()
  }

  get state(): ClusterState | undefined {
    return this.#state
  }

  /** Wall clock of the last change of role. */
  get roleSince(): number {
    return this.#roleSince
  }

  /** How many leaders have begun a term, as this member saw it. */
  get transitions(): number {
    return this.#transitions
  }

  /** How long this member has taken part and known of no leader, all in all. */
  get leaderlessMs(): number {
    const since = this.#leaderlessSince
    return this.#leaderlessMs + (since === undefined ? 0 : this.#clock.monotonic() - since)
  }

  /** The leadership that is valid now. Asked of the clocks, so right even if nobody has been told of an end yet. */
  get leadership(): Leadership | undefined {
    for (const leadership of this.#leaderships) if (leadership.isValid()) return leadership
    return undefined
  }

  granted(leadership: Leadership): void {
    if (leadership.ended.aborted) return
    this.#leaderships.add(leadership)
    leadership.ended.addEventListener('abort', () => this.#leaderships.delete(leadership), { once: true })
  }

  saw(state: ClusterState): void {
    if (state.role !== (this.#state?.role ?? 'off')) this.#roleSince = this.#clock.now()
    if (state.leader !== undefined && state.leader.term !== this.#newestTerm) {
      this.#newestTerm = state.leader.term
      this.#transitions++
    }
    this.#state = state
    const isLeaderless = state.leader === undefined && state.role !== 'off'
    if (isLeaderless) this.#leaderlessSince ??= this.#clock.monotonic()
    else {
      this.#leaderlessMs = this.leaderlessMs
      this.#leaderlessSince = undefined
    }
  }
}
