import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { ComponentClaim, ComponentFixture } from './fixture.ts'
import { Stage } from './stage.ts'

/** The life of a consumer: start, quiesce, close, in the order in which the runtime calls them. */
export const consumerCases: readonly ContractCase<ComponentFixture, ComponentClaim>[] = [
  {
    name: 'brings messages in once it has started, none after quiesce(), and holds nothing after close()',
    needs: ['consumes'],
    async run(fixture) {
      const stage = new Stage(fixture)
      const consumer = await stage.started()
      await stage.enters()
      await stage.enters()
      await stage.settled(consumer.quiesce())
      await stage.staysOut()
      await stage.closed(consumer)
      await stage.staysOut()
      expect(stage.route.exchanges.every(exchange => exchange.fromRouteId === 'test')).toBe(true)
    },
  },
  {
    name: 'resumes after quiesce(), itself or as a new consumer',
    needs: ['consumes'],
    async run(fixture) {
      const stage = new Stage(fixture)
      let consumer = await stage.started()
      await stage.settled(consumer.quiesce())
      if (consumer.resume) await stage.settled(consumer.resume())
      else {
        await stage.closed(consumer)
        consumer = await stage.started()
      }
      await stage.enters()
      await stage.settled(consumer.quiesce())
      await stage.closed(consumer)
    },
  },
  {
    name: 'gives up a start promptly when its signal aborts, and holds nothing after close()',
    needs: ['consumes'],
    async run(fixture) {
      const stage = new Stage(fixture)
      const consumer = stage.consumer()
      const abort = new AbortController()
      const starting = (async () => consumer.start(abort.signal))()
      abort.abort(new Error('stop was asked for'))
      // Whether it had started already or gives up with a reason: both are right.
      const started = await stage.settled(
        starting.then(
          () => true,
          () => false,
        ),
      )
      if (started) await stage.settled(consumer.quiesce())
      await stage.closed(consumer)
    },
  },
  {
    name: 'goes on after an exchange that failed',
    needs: ['consumes'],
    async run(fixture) {
      const stage = new Stage(fixture, exchange => exchange.fail(new Error('the route failed')))
      const consumer = await stage.started()
      await stage.enters()
      await stage.enters()
      await stage.settled(consumer.quiesce())
      await stage.closed(consumer)
    },
  },
  {
    name: 'survives a route that takes nothing',
    needs: ['consumes'],
    async run(fixture) {
      const stage = new Stage(fixture)
      const consumer = await stage.started()
      stage.route.open = false
      await stage.staysOut()
      stage.route.open = true
      await stage.settled(consumer.quiesce())
      await stage.closed(consumer)
    },
  },
  {
    name: 'is closed by force while an exchange is under way, and holds nothing then',
    needs: ['consumes'],
    async run(fixture) {
      let finish = () => {}
      const stage = new Stage(
        fixture,
        () =>
          new Promise<void>(resolve => {
            finish = resolve
          }),
      )
      const consumer = await stage.started()
      await stage.enters()
      await stage.settled(consumer.quiesce())
      expect(stage.route.inFlight).toBe(1)
      stage.route.abort()
      await stage.closed(consumer, true)
      finish()
      await fixture.advance(0)
      expect(stage.route.inFlight).toBe(0)
    },
  },
]
