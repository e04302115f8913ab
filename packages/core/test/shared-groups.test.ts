import { afterEach, expect, it } from 'vitest'
import { constant, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
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
