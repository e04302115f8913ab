import { FakeClock } from '@dromedary/testing'
import { createKubernetesClusterService } from '../../src/index.ts'
import { DEFAULT_TIMES, passing } from './fixture.ts'
import type { RequestCount } from './request-log.ts'
import { simulatedCluster } from './simulated-cluster.ts'

/** How long members have to find their leaders before anything is counted, milliseconds. */
const WARM_UP_MS = 60_000
/** Time between the starts of two members, milliseconds; nobody starts a hundred pods at one instant. */
const STAGGER_MS = 100

/** Requests per minute in steady state. */
export interface Load {
  /** Of all members together. */
  readonly total: number
  /** About one namespace's Lease, by the member that leads it. */
  readonly leader: number
  /** About one namespace's Lease, by one member that follows; the average of them. */
  readonly follower: number
  /** About anything else (pods, rights, watches of all Leases), by one member; the average of them. */
  readonly shared: number
  /** Of all members together, by verb and resource: `{ 'update leases': 30 }`. */
  readonly kinds: Readonly<Record<string, number>>
}

/**
 * Runs so many members that each campaign in so many namespaces on a fake clock, at the default times, and counts what
 * reaches the server once each namespace has its leader.
 */
export async function requestsPerMinute(members: number, namespaces: number, minutes: number): Promise<Load> {
  const clock = new FakeClock()
  const cluster = simulatedCluster({ clock })
  const started = Array.from({ length: members }, (_, at) => {
    const podName = `pod-${at}`
    cluster.pods.run(podName)
    const api = cluster.api({ member: podName, connectionTimeoutMs: DEFAULT_TIMES.renewDeadline / 3 })
    const connect = async () => api
    const random = randomOf(at)
    const world = { clock: api.clock, random, startedAt: clock.now(), env: {}, connect }
    return createKubernetesClusterService({ podName, ...DEFAULT_TIMES, ...world })
  })
  for (const member of started) {
    await member.start()
    for (let at = 0; at < namespaces; at++) {
      member.campaign(`ns-${at}`, { participant: 'route' }).leadership.subscribe(leadership => {
        leadership?.closing.addEventListener('abort', () => leadership.drained())
      })
    }
    await clock.advance(STAGGER_MS)
  }
  await clock.advance(WARM_UP_MS)
  cluster.requests.reset()
  await clock.advance(minutes * 60_000)
  const load = loadOf(cluster.requests.entries, members, namespaces, minutes)
  await passing(clock, Promise.all(started.map(member => member.stop())), 200_000)
  return load
}

/** Whoever updated a Lease leads its namespace. */
function loadOf(entries: readonly RequestCount[], members: number, namespaces: number, minutes: number): Load {
  const keyOf = ({ member, name }: RequestCount) => `${member} ${name}`
  const leaders = new Set(entries.filter(({ verb }) => verb === 'update').map(keyOf))
  const sums = { leader: 0, follower: 0, shared: 0 }
  const kinds: Record<string, number> = {}
  for (const entry of entries) {
    const isAboutOne = entry.resource === 'leases' && entry.name !== undefined
    sums[isAboutOne ? (leaders.has(keyOf(entry)) ? 'leader' : 'follower') : 'shared'] += entry.count
    const kind = `${entry.verb} ${entry.resource}`
    kinds[kind] = (kinds[kind] ?? 0) + entry.count
  }
  const each = (sum: number, of: number) => (of === 0 ? 0 : sum / of / minutes)
  return {
    total: (sums.leader + sums.follower + sums.shared) / minutes,
    leader: each(sums.leader, leaders.size),
    follower: each(sums.follower, members * namespaces - leaders.size),
    shared: each(sums.shared, members),
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, count]) => [kind, count / minutes])),
  }
}

/** Numbers from 0 to 1 that look like chance and are the same in each run. */
function randomOf(seed: number): () => number {
  let state = seed + 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
