import { FakeClock } from '@dromedary/testing'
import { componentContract } from '@dromedary/testing/contracts'
import { master } from '../src/index.ts'
import { Probe, ScriptedCluster } from './kit.ts'

componentContract({
  name: 'master',
  async create() {
    const clock = new FakeClock()
    const cluster = new ScriptedCluster()
    const probe = new Probe()
    return {
      component: master,
      uri: 'master:ns:probe:x',
      clock,
      cluster,
      components: [probe.component],
      advance: ms => clock.advance(ms),
      offer() {
        if (!cluster.newest?.accepts()) cluster.grant()
        probe.newest.send()
      },
      held: () => probe.alive.length + clock.pending,
    }
  },
  claims: {
    consumes: true,
    'strict-options': 'the query belongs to the delegate, which refuses what it does not know',
  },
})
