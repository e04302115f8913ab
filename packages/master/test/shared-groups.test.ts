import { constant, from, header, memoryAggregationRepository, useLatest } from '@dromedary/core'
import { defineComponent, type Exchange, type RouteEntry } from '@dromedary/core/component'
import { afterEach, expect, it } from 'vitest'
import { World } from './cluster-kit.ts'

let world = new World()
afterEach(async () => {
  const last = world
  world = new World()
  await last.stop()
})

it('a leadership does not wait for a group that the old half of a changed route has completed', async () => {
  const entries = new Map<string, RouteEntry>()
  const hand = defineComponent({
    scheme: 'hand',
    title: 'Brings in what it is handed.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: true,
    produces: false,
    endpoint: ({ uri, path }) => ({
      uri,
      consumer: entry => ({ start: () => void entries.set(path.name, entry), quiesce: () => {}, close: () => {} }),
    }),
  })
  const repository = memoryAggregationRepository()
  const done: string[] = []
  const gather = (version: number) =>
    from('direct:gather')
      .routeId('gather')
      .aggregate(header('key'), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionSize: 10,
        forceCompletionOnStop: true,
      })
      .process((exchange: Exchange) => void done.push(`${version} ${exchange.message.header('key')}`))
      .end()
  const lead = from('master:ns:hand:lead').routeId('lead').to('direct:gather')
  const gate = Promise.withResolvers<void>()
  const slow = (version: number) =>
    from('hand:slow')
      .routeId('slow')
      .process(() => gate.promise)
      .setProperty('v', constant(version))
  const { context } = await world.node(() => [lead, gather(1), slow(1)], 45_000, [hand])
  await world.clock.advance(10_000)
  const bring = (name: string, key: string) => {
    const entry = entries.get(name) as RouteEntry
    const exchange = entry.createExchange('x')
    exchange.message.headers.set('key', key)
    void entry.process(exchange)
  }
  bring('lead', 'a')
  bring('slow', 'slow')
  const changing = context.changeRoutes([lead, gather(2), slow(2)])
  await world.clock.advance(1_000)
  // The new half is open, and the old one is there as long as the other route drains.
  bring('lead', 'b')
  await world.clock.advance(1_000)
  gate.resolve()
  await world.during(changing)
  const before = world.clock.monotonic()
  await world.during(context.route('lead').stop())
  expect(done).toEqual(['1 a', '1 b'])
  expect(world.clock.monotonic() - before).toBeLessThan(5_000)
})
