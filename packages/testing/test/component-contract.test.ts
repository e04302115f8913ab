import { componentContract } from '../src/contracts.ts'
import { sampleFixture } from './sample-component.ts'

componentContract({
  name: 'a ticking component',
  create: async () => sampleFixture(),
  claims: { consumes: true, 'strict-options': true },
})
