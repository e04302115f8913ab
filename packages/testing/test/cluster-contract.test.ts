import { clusterServiceContract } from '@dromedary/testing/contracts'
import { memoryFixture } from './memory-fixture.ts'

clusterServiceContract({
  name: 'memory',
  create: memoryFixture,
  claims: { kill: true, 'clock-jump': true, 'wall-step': true, 'store-faults': true },
})
