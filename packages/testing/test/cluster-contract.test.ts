import { clusterServiceContract } from '../src/contracts.ts'
import { memoryFixture } from './memory-fixture.ts'

clusterServiceContract({
  name: 'memory',
  create: () => memoryFixture(),
  claims: { kill: true, 'clock-jump': true, 'wall-step': true, 'store-faults': true },
})
