import { FakeClock } from '@dromedary/testing'
import { componentContract } from '@dromedary/testing/contracts'
import { timer } from '../src/index.ts'

componentContract({
  name: 'timer',
  async create() {
    const clock = new FakeClock()
    return {
      component: timer,
      uri: 'timer:tick?period=100&delay=100',
      clock,
      advance: ms => clock.advance(ms),
      // The clock offers the next one.
      offer: () => {},
      withinMs: 300,
      held: () => clock.pending,
    }
  },
  claims: { consumes: true, 'strict-options': true },
})
