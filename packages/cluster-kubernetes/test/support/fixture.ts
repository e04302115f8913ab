import { type ClusterService, leaseTiming } from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import type { ClusterFixture } from '@dromedary/testing/contracts'
import { createKubernetesClusterService, type KubernetesClusterOptions } from '../../src/index.ts'
import type { SimulatedApi } from './simulated-api.ts'
import { type SimulatedCluster, simulatedCluster } from './simulated-cluster.ts'

/** Camel's and client-go's, milliseconds. */
export const DEFAULT_TIMES = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 } as const
const JITTER_FACTOR = 1.2
/** How long a stop may take, drained or not. */
const STOP_MS = 200_000

/** Options of the service; what stands in for the world is given. */
export interface MemberOptions extends KubernetesClusterOptions {
  /** Milliseconds. Default: a third of the renew deadline. */
  readonly connectionTimeout?: number
}

/** A contract fixture, and what is behind it. */
export interface KubernetesFixture extends ClusterFixture {
  readonly clock: FakeClock
  readonly cluster: SimulatedCluster
  /** In a pod of its own, `pod-1`, …, that runs and is ready. */
  member(options?: MemberOptions): ClusterService
  /** The member's way to the server: its clock, its faults, its rights. */
  apiOf(member: ClusterService): SimulatedApi
}

/** The Kubernetes cluster service on a simulated API server and a fake clock, each member in a pod of its own. */
export function kubernetesFixture(): KubernetesFixture {
  const clock = new FakeClock()
  const cluster = simulatedCluster({ clock })
  const members = new Map<ClusterService, SimulatedApi>()
  const killed = new Set<ClusterService>()
  const { leaseDuration, renewDeadline, retryPeriod } = DEFAULT_TIMES
  const { closeAfterMs, hardEndAfterMs } = leaseTiming(leaseDuration, renewDeadline)
  const apiOf = (member: ClusterService) => members.get(member) as SimulatedApi
  return {
    clock,
    cluster,
    timing: {
      closeAfterMs,
      hardEndAfterMs,
      takeoverMs: leaseDuration + 2 * retryPeriod * JITTER_FACTOR + 1_000,
      handoverMs: retryPeriod * JITTER_FACTOR + 100,
      standBackMs: 6_100,
    },
    stepMs: 50,
    member(options = {}) {
      const podName = `pod-${members.size + 1}`
      cluster.pods.run(podName)
      const api = cluster.api({ member: podName, connectionTimeoutMs: options.connectionTimeout ?? renewDeadline / 3 })
      const member = createKubernetesClusterService({
        podName,
        ...DEFAULT_TIMES,
        clock: api.clock,
        random: () => 0.5,
        startedAt: api.clock.now(),
        env: {},
        connect: async () => api,
        ...options,
      })
      members.set(member, api)
      return member
    },
    apiOf,
    advance: ms => clock.advance(ms),
    kill(member) {
      killed.add(member)
      apiOf(member).kill()
    },
    pause: ms => clock.pause(ms),
    stepWall: (member, ms) => apiOf(member).clock.stepWall(ms),
    breakStore() {
      cluster.faults.refuse = true
    },
    healStore() {
      cluster.faults.refuse = false
    },
    async dispose() {
      cluster.faults.heal()
      const left = [...members.keys()].filter(member => !killed.has(member))
      await passing(clock, Promise.all(left.map(member => member.stop())), STOP_MS)
    },
  }
}

/** Lets time pass until the promise is settled; rejects when it is not within `ms`. */
export async function passing<T>(clock: FakeClock, promise: Promise<T>, ms: number): Promise<T> {
  let settled = false
  const done = promise.finally(() => {
    settled = true
  })
  done.catch(() => {})
  for (let passed = 0; !settled; passed += 500) {
    if (passed > ms) throw new Error(`not settled within ${ms} ms of the fake clock`)
    await clock.advance(passed === 0 ? 0 : 500)
  }
  return done
}
