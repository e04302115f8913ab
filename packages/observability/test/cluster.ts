import type { ClusterService, Leadership } from '@dromedary/core/cluster'
import { FakeClock, memoryCluster } from '@dromedary/testing'
import { ClusterWatch } from '../src/leadership/cluster-watch.ts'

/** Two members on a fake clock, each looked at. */
export function pair() {
  const clock = new FakeClock({ now: Date.parse('2026-01-01T00:00:00Z') })
  const cluster = memoryCluster({ clock, leaseMs: 15_000, retryMs: 2_000 })
  const member = (id: string) => {
    const inner = cluster.member({ id })
    const watch = new ClusterWatch(clock)
    return { inner, watch, service: watch.watch(inner) }
  }
  return { clock, cluster, one: member('one'), two: member('two') }
}

/** Takes part as a route would, and drains at once. */
export function takePart(service: ClusterService, participant = 'route') {
  const all: Leadership[] = []
  const campaign = service.campaign('ns', { participant })
  campaign.leadership.subscribe(leadership => {
    if (!leadership) return
    all.push(leadership)
    leadership.closing.addEventListener('abort', () => leadership.drained())
  })
  return { campaign, all }
}
