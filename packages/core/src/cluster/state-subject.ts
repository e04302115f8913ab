import type { Observable } from 'rxjs'
import { BehaviorSubject } from 'rxjs/internal/BehaviorSubject'
import type { ClusterHealth, ClusterState } from './contract.ts'
import { GuardedObservable, type Report } from './listeners.ts'

/** What may be changed of a state; `undefined` takes an optional part away. */
export type ClusterStatePatch = {
  readonly [K in Exclude<keyof ClusterState, 'namespace'>]?: ClusterState[K] | undefined
}

/** The state of one namespace as a member sees it: replays, never errors, tells only what changed. */
export class ClusterStateSubject {
  readonly observable: Observable<ClusterState>
  readonly #subject: BehaviorSubject<ClusterState>

  constructor(namespace: string, report: Report) {
    this.#subject = new BehaviorSubject<ClusterState>({
      namespace,
      role: 'off',
      highestTermSeen: 0n,
      health: { status: 'up', failures: 0 },
    })
    this.observable = new GuardedObservable(this.#subject, report)
  }

  get value(): ClusterState {
    return this.#subject.value
  }

  /** Whether anybody subscribes now. */
  get observed(): boolean {
    return this.#subject.observed
  }

  /** Emits unless nothing changes. */
  update(patch: ClusterStatePatch): void {
    const before = this.#subject.value
    const after: Record<string, unknown> = { ...before, ...patch }
    for (const key of Object.keys(after)) if (after[key] === undefined) delete after[key]
    const next = after as unknown as ClusterState
    if (!sameState(before, next)) this.#subject.next(Object.freeze(next))
  }

  complete(): void {
    this.#subject.complete()
  }
}

function sameState(a: ClusterState, b: ClusterState): boolean {
  return (
    a.role === b.role &&
    a.leader?.id === b.leader?.id &&
    a.leader?.term === b.leader?.term &&
    a.highestTermSeen === b.highestTermSeen &&
    a.lastChange?.reason === b.lastChange?.reason &&
    a.lastChange?.leaderlessMs === b.lastChange?.leaderlessMs &&
    sameHealth(a.health, b.health)
  )
}

function sameHealth(a: ClusterHealth, b: ClusterHealth): boolean {
  return a.status === b.status && a.failures === b.failures && a.error?.message === b.error?.message
}
