import { defineComponent, duration } from '@dromedary/core/component'
import { componentContract } from '@dromedary/testing/contracts'
import { z } from 'zod'
import { FakeClock } from '../src/index.ts'

/** A ticking component, written as an author would. */
const tick = defineComponent({
  scheme: 'tick',
  title: 'Ticks.',
  syntax: 'name',
  path: { name: 'Any.' },
  options: () => z.object({ every: duration({ min: 1 }).default(100).describe('Time between two ticks.') }),
  consumes: true,
  produces: false,
  endpoint: at => ({
    uri: at.uri,
    consumer: entry => {
      let stop = () => {}
      const next = () => {
        const timer = entry.clock.setTimeout(() => {
          next()
          void entry.process(entry.createExchange('tick'))
        }, at.options.every)
        stop = () => timer.cancel()
      }
      return { start: next, quiesce: () => stop(), close: () => stop() }
    },
  }),
})

componentContract({
  name: 'a ticking component',
  async create() {
    const clock = new FakeClock()
    return {
      component: tick,
      uri: 'tick:x?every=50',
      clock,
      advance: ms => clock.advance(ms),
      offer: () => clock.advance(1),
      withinMs: 200,
      held: () => clock.pending,
    }
  },
  claims: { consumes: true, 'strict-options': true },
})
