import { afterEach, expect, it } from 'vitest'
import { sleep } from '../src/clock.ts'
import { constant, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
import { ScriptedStage } from './support/scripted-stage.ts'

const cannot = async () => {
  await sleep(at.clock, 50)
  throw new Error('cannot start')
}
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

it('a group that the called route of a refused change kept completes by time-out', async () => {
  at = new ScriptedStage({ start: uri => (uri === 'bad' ? cannot() : undefined) })
  const repository = memoryAggregationRepository()
  const kept = from('res:kept').routeId('kept').to('direct:a')
  const gather = (message: string) =>
    from('direct:a')
      .routeId('a')
      .aggregate(constant('k'), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionTimeout: 1_000,
      })
      .log(message)
      .to('snk:groups')
      .end()
  const context = await at.started([kept, gather('1')])
  const refused = context.changeRoutes([kept, gather('2'), from('res:bad').routeId('bad').log('x')])
  refused.catch(() => {})
  await at.clock.advance(10)
  at.bring('kept', 'one')
  await expect(at.during(refused)).rejects.toThrow('cannot start')
  await at.clock.advance(60_000)
  expect(at.sent).toEqual(['one'])
})
