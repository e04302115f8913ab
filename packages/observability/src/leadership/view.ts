import { maskSecrets } from '@dromedary/core'
import type { ClusterHealth, ClusterRole, ClusterService } from '@dromedary/core/cluster'
import type { Check } from '../health/check.ts'
import type { ClusterWatch } from './cluster-watch.ts'
import type { NamespaceWatch } from './namespace-watch.ts'

/** What `/observe/leader` answers. */
export interface LeaderView {
  /** `file`, `kubernetes`; null without a cluster. */
  readonly service: string | null
  readonly member: ClusterService['self'] | null
  readonly namespaces: readonly NamespaceView[]
}

/** One namespace as this member sees it. */
export interface NamespaceView {
  readonly namespace: string
  readonly role: ClusterRole
  /** When the role began, ISO 8601. */
  readonly since: string
  /** Whether this member may send as the leader at this instant. */
  readonly isLeader: boolean
  /** Who leads: the name of that member. Null: nobody, as far as this member knows. */
  readonly leader: string | null
  /** Of that leader. A text: terms may be larger than what JSON numbers hold. */
  readonly term: string | null
  /** Since this member's last renewal was sent, milliseconds; null unless it leads. */
  readonly renewAgeMs: number | null
  /** Until this member must have renewed, milliseconds; null unless it leads. */
  readonly remainingMs: number | null
  /** Why the leader before ended, and how long nobody led then. */
  readonly lastChange: { readonly reason: string; readonly leaderlessMs: number } | null
  /** How long nobody has led while this member took part, all in all, milliseconds. */
  readonly leaderlessMs: number
  readonly backend: { readonly status: ClusterHealth['status']; readonly failures: number; readonly error?: string }
}

export function leaderView(cluster: ClusterWatch): LeaderView {
  const { service, namespaces } = cluster
  return { service: service?.id ?? null, member: service?.self ?? null, namespaces: namespaces.map(namespaceView) }
}

function namespaceView(watch: NamespaceWatch): NamespaceView {
  const { namespace, state, leadership } = watch
  const { lastChange } = state ?? {}
  const renewAge = leadership?.renewAgeMs?.()
  return {
    namespace,
    role: state?.role ?? 'off',
    since: new Date(watch.roleSince).toISOString(),
    isLeader: leadership !== undefined,
    leader: state?.leader?.id ?? null,
    term: state?.leader?.term.toString() ?? null,
    renewAgeMs: renewAge === undefined ? null : Math.round(renewAge),
    remainingMs: leadership === undefined ? null : Math.round(leadership.remainingMs()),
    lastChange: lastChange
      ? { reason: maskSecrets(lastChange.reason), leaderlessMs: Math.round(lastChange.leaderlessMs) }
      : null,
    leaderlessMs: Math.round(watch.leaderlessMs),
    backend: backendOf(watch),
  }
}

function backendOf({ state }: NamespaceWatch): NamespaceView['backend'] {
  const { status = 'up', failures = 0, error } = state?.health ?? {}
  return { status, failures, ...(error && { error: maskSecrets(error.message) }) }
}

/**
 * What the cluster service says of each namespace. Down only when its storage is, which no restart cures, and which all
 * members share: so it is part of neither liveness nor readiness.
 */
export function clusterChecks(cluster: ClusterWatch): Check[] {
  return cluster.namespaces.map(watch => {
    const { role, leader, term, backend } = namespaceView(watch)
    const data = { role, leader: leader ?? 'none', ...(term !== null && { term }), backend: backend.status }
    return {
      name: `cluster:${watch.namespace}`,
      status: backend.status === 'down' ? 'DOWN' : 'UP',
      data: { ...data, ...(backend.error !== undefined && { failures: backend.failures, error: backend.error }) },
    }
  })
}
