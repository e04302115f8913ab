import { afterEach, expect, it } from 'vitest'
import { constant, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
import { ScriptedStage } from './support/scripted-stage.ts'

let at = new ScriptedStage()
afterEach(async () => {
  await at.end()
  at = new ScriptedStage()
})

it('a stop waits for groups in a repository that two routes share', async () => {
  const repository = memoryAggregationRepository()
  const gather = (n: number) =>
    from(`res:in${n}`)
      .routeId(`in${n}`)
      .aggregate(constant(`key${n}`), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionTimeout: 1_000,
        completeAllOnStop: true,
      })
      .to('snk:groups')
      .end()
  const context = await at.started([gather(1), gather(2)])
  at.bring('in1', 'one')
  at.bring('in2', 'two')
  await at.during(context.stop())
  expect(at.sent).toEqual(['one', 'two'])
})

it('a called route does not wait for groups that the one in its place goes on with', async () => {
  const repository = memoryAggregationRepository()
  const gather = (id: string) =>
    from('direct:a')
      .routeId(id)
      .aggregate(constant('k'), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionSize: 2,
        completeAllOnStop: true,
      })
      .to('snk:groups')
      .end()
  const context = await at.started([from('res:in').routeId('in').to('direct:a'), gather('a')])
  at.bring('in', 'one')
  const before = at.clock.monotonic()
  await at.during(context.changeRoutes([from('res:in').routeId('in').to('direct:a'), gather('b')]))
  expect(at.clock.monotonic() - before).toBeLessThan(1_000)
  at.bring('in', 'two')
  expect(at.sent).toEqual(['two'])
})
