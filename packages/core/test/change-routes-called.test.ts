import { afterEach, describe, expect, it } from 'vitest'
import { sleep } from '../src/clock.ts'
import { constant, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
import { ScriptedStage } from './support/scripted-stage.ts'

let at = new ScriptedStage()
afterEach(async () => {
  await at.end()
  at = new ScriptedStage()
})
const kept = from('res:kept').routeId('kept').to('direct:a')
/** A called route with a step that takes a while to start, or cannot. */
const slowStep = (name: string, works: boolean) => {
  const repository = Object.assign(memoryAggregationRepository(), {
    start: async () => {
      await sleep(at.clock, 50)
      if (!works) throw new Error('no repository')
    },
  })
  return from(`direct:${name}`)
    .routeId(name)
    .aggregate(constant('k'), {
      aggregationStrategy: useLatest(),
      aggregationRepository: repository,
      completionSize: 1,
    })
    .to(`snk:${name}`)
    .end()
}

describe('a call to a name that was there and is', () => {
  it.each([
    ['that is refused', false, ''],
    ['that is refused', false, '?block=false'],
    ['that succeeds', true, '?block=false'],
  ])('does not fail in a change %s', async (_, works, query) => {
    const context = await at.started([kept, from('direct:a').routeId('a').to('snk:a')])
    const changing = context.changeRoutes([
      kept,
      from('direct:a').routeId('a').to(`direct:b${query}`),
      slowStep('b', works),
    ])
    changing.catch(() => {})
    await at.clock.advance(10)
    const outcome = at.bring('kept', 'one')
    expect(outcome).toEqual({ state: 'completed' })
    await at.during(changing).catch(() => {})
    expect(at.bring('kept', 'two')).toEqual({ state: 'completed' })
    expect(at.sent).toEqual(['one', 'two'])
  })
})
