import { type Consumer, defineComponent, type RouteEntry } from '@dromedary/core/component'
import type { ComponentFixture } from '../src/contracts.ts'
import { FakeClock } from '../src/index.ts'

const PERIOD_MS = 50

/** A ticking consumer, written as an author would. */
export function ticking(entry: RouteEntry): Consumer {
  let stop = () => {}
  const next = () => {
    const timer = entry.clock.setTimeout(() => {
      next()
      void entry.process(entry.createExchange('tick'))
    }, PERIOD_MS)
    stop = () => timer.cancel()
  }
  return { start: next, quiesce: () => stop(), close: () => stop() }
}

/** A component around a consumer, ready for the contract suite. */
export function sampleFixture(consumer: (entry: RouteEntry) => Consumer = ticking): ComponentFixture {
  const clock = new FakeClock()
  return {
    component: defineComponent({
      scheme: 'tick',
      title: 'Ticks.',
      syntax: 'name',
      path: { name: 'Any.' },
      consumes: true,
      produces: false,
      endpoint: at => ({ uri: at.uri, consumer }),
    }),
    uri: 'tick:x',
    clock,
    advance: ms => clock.advance(ms),
    offer: () => {},
    withinMs: 4 * PERIOD_MS,
    held: () => clock.pending,
  }
}
