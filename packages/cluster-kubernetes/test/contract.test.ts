import { clusterServiceContract } from '@dromedary/testing/contracts'
import { kubernetesFixture } from './support/fixture.ts'

clusterServiceContract({
  name: 'kubernetes',
  create: async () => kubernetesFixture(),
  claims: { kill: true, 'clock-jump': true, 'wall-step': true, 'store-faults': true },
})
