import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { type ClusterService, leaseTiming } from '@dromedary/core/cluster'
import type { ApiProxy, KubernetesCluster } from '@dromedary/test-servers/kubernetes'
import { SkewedClock } from '@dromedary/testing'
import type { ClusterFixture } from '@dromedary/testing/contracts'
import { createKubernetesClusterService } from '../../src/index.ts'

/** The shortest that README's promises are quoted for, milliseconds. */
export const FAST_TIMES = { leaseDuration: 3_000, renewDeadline: 2_000, retryPeriod: 500 } as const
/** What a busy machine adds. */
const SLACK_MS = 1_500

/** A Kubernetes namespace of its own on the real server, and for each member a way of its own to it, where that can be had. */
export async function realFixture(cluster: KubernetesCluster): Promise<ClusterFixture> {
  const namespace = await cluster.namespace('contract')
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-contract-'))
  const members = new Map<ClusterService, SkewedClock>()
  const ways = await Promise.all(Array.from({ length: cluster.owned ? 4 : 0 }, () => cluster.proxy()))
  const { closeAfterMs, hardEndAfterMs } = leaseTiming(FAST_TIMES.leaseDuration, FAST_TIMES.renewDeadline)
  const each = async (call: (way: ApiProxy) => Promise<void>) => void (await Promise.all(ways.map(call)))
  return {
    timing: {
      closeAfterMs,
      hardEndAfterMs,
      takeoverMs: 4_000 + SLACK_MS,
      handoverMs: 600 + SLACK_MS,
      standBackMs: 6_100,
    },
    member(options = {}) {
      const number = members.size
      const way = ways[number % Math.max(1, ways.length)]
      const place = { namespace, ...(way && { url: way.url }) }
      const clock = new SkewedClock(systemClock)
      const member = createKubernetesClusterService({
        ...FAST_TIMES,
        ...options,
        clock,
        kubeconfig: cluster.kubeconfigFile(join(folder, `kubeconfig-${number}`), place),
        podName: `pod-${number}`,
        env: {},
      })
      members.set(member, clock)
      return member
    },
    advance: ms => sleep(ms),
    stepWall: (member, ms) => members.get(member)?.stepWall(ms),
    // A port at which nobody listens could become somebody else's.
    breakStore: () => each(way => way.reset()),
    healStore: () => each(way => way.pass()),
    async dispose() {
      await each(way => way.pass())
      await Promise.all([...members.keys()].map(member => member.stop({ drainMs: 0 })))
      await each(way => way[Symbol.asyncDispose]())
      rmSync(folder, { recursive: true })
    },
  }
}
