import type { ClusterWatch } from '../leadership/cluster-watch.ts'
import type { NamespaceWatch } from '../leadership/namespace-watch.ts'
import { labels, line, type ReadMetric } from './metric.ts'

/** Who leads, by namespace. Camel has none of these. */
export function leadershipMetrics(camelContext: string, cluster: ClusterWatch): ReadMetric[] {
  const metric = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    value: (watch: NamespaceWatch) => number | undefined,
  ): ReadMetric => ({
    name: `dromedary_${name}`,
    type,
    help,
    *lines() {
      for (const watch of cluster.namespaces) {
        const read = value(watch)
        if (read !== undefined)
          yield line(`dromedary_${name}`, labels({ camelContext, namespace: watch.namespace }), read)
      }
    },
  })
  return [
    metric('leadership_is_leader', 'gauge', 'Whether this member may send as the leader now.', watch =>
      watch.leadership === undefined ? 0 : 1,
    ),
    metric('leadership_term', 'gauge', 'Term of the leader that this member knows of; absent without one.', watch =>
      watch.state?.leader === undefined ? undefined : Number(watch.state.leader.term),
    ),
    metric(
      'leadership_renew_age_seconds',
      'gauge',
      'Since this leader sent its last renewal; absent on followers.',
      watch => seconds(watch.leadership?.renewAgeMs?.()),
    ),
    metric(
      'leadership_remaining_seconds',
      'gauge',
      'Until this leader must have renewed; absent on followers.',
      watch => seconds(watch.leadership?.remainingMs()),
    ),
    metric(
      'leadership_transitions_total',
      'counter',
      'Terms that have begun, as this member saw it.',
      watch => watch.transitions,
    ),
    metric(
      'leadership_seconds_without_leader_total',
      'counter',
      'How long this member took part and knew of no leader.',
      watch => watch.leaderlessMs / 1_000,
    ),
    metric(
      'cluster_failures',
      'gauge',
      'Failed rounds on the storage of the cluster service since its last good one.',
      watch => watch.state?.health.failures ?? 0,
    ),
  ]
}

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1_000)
