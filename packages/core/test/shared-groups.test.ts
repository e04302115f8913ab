import { afterEach, expect, it } from 'vitest'
import {
  type AggregationRepository,
  type Context,
  constant,
  from,
  memoryAggregationRepository,
  useLatest,
} from '../src/index.ts'
import { ScriptedStage } from './support/scripted-stage.ts'

let at = new ScriptedStage()
afterEach(async () => {
  await at.end()
  at = new ScriptedStage()
})

it('a stop ends when the last group in a repository is complete, whichever of two routes completes it', async () => {
  const repository = memoryAggregationRepository()
  const gather = (n: number) =>
    from(`res:in${n}`)
      .routeId(`in${n}`)
      .aggregate(constant(`key${n}`), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionTimeout: n * 1_000,
        completeAllOnStop: true,
      })
      .to('snk:groups')
      .end()
  const context = await at.started([gather(1), gather(2)])
  at.bring('in1', 'one')
  at.bring('in2', 'two')
  const before = at.clock.monotonic()
  await at.during(context.stop())
  expect(at.sent).toEqual(['one', 'two'])
  expect(at.clock.monotonic() - before).toBeLessThan(5_000)
})

it('a group that a repository has made anew goes on to a route that only others call, also at the stop', async () => {
  // As one on a disk does: what comes out is another exchange, which knows nothing of any route.
  const bodies = new Map<string, unknown>([['k', 'from before']])
  const repository: AggregationRepository = {
    get: key => (bodies.has(key) ? context.createExchange(bodies.get(key)) : undefined),
    add: (key, group) => void bodies.set(key, group.body),
    remove: key => void bodies.delete(key),
    keys: () => [...bodies.keys()],
  }
  const gather = from('direct:gather')
    .aggregate(constant('k'), {
      aggregationStrategy: useLatest(),
      aggregationRepository: repository,
      completionSize: 5,
      forceCompletionOnStop: true,
    })
    .to('direct:next')
    .end()
  const context: Context = at.context([gather, from('direct:next').to('snk:groups')])
  await at.during(context.start())
  await at.during(context.stop())
  expect(at.sent).toEqual(['from before'])
})

it('a group waits from its newest exchange on, whichever half of a changed route has that', async () => {
  const repository = memoryAggregationRepository()
  const gather = (id: string) =>
    from('direct:gather')
      .routeId(id)
      .aggregate(constant('k'), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionTimeout: 10_000,
      })
      .to('snk:groups')
      .end()
  const gate = Promise.withResolvers<void>()
  const input = from('res:in').routeId('in').to('direct:gather')
  const slow = from('res:slow')
    .routeId('slow')
    .process(() => gate.promise)
  const context = await at.started([input, slow, gather('old')])
  at.bring('slow')
  at.bring('in', 'one')
  // The old half is there as long as the slow route drains.
  const changing = context.changeRoutes([input, gather('new')])
  await at.clock.advance(9_000)
  at.bring('in', 'two')
  await at.clock.advance(9_000)
  expect(at.sent).toEqual([])
  await at.clock.advance(1_500)
  expect(at.sent).toEqual(['two'])
  gate.resolve()
  await at.during(changing)
})
