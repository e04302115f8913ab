import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { clusterServiceContract } from '@dromedary/testing/contracts'
import { realFixture } from './support/fixture.ts'

const cluster = sharedKubernetes()
const process = 'only a process can be killed or paused: see pnpm faults kubernetes'

clusterServiceContract({
  name: 'kubernetes, on a real API server',
  create: () => realFixture(cluster),
  claims: {
    kill: process,
    'clock-jump': process,
    'wall-step': true,
    'store-faults': cluster.owned || "the cluster is somebody else's: nothing can be put before it",
  },
  concurrent: true,
  timeoutMs: 120_000,
})
