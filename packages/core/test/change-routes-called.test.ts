import { afterEach, describe, expect, it } from 'vitest'
import { sleep } from '../src/clock.ts'
import { type Context, constant, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
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

it('an exchange of a kept route goes through, however long it is in a called route that has left', async () => {
  const context = await at.started([
    kept,
    from('direct:a')
      .routeId('a')
      .process(() => sleep(at.clock, 100_000))
      .to('snk:old'),
  ])
  const outcome = at.bring('kept')
  await at.during(context.changeRoutes([kept, from('direct:a').routeId('a').to('snk:new')]))
  expect(outcome.state).toBe('under way')
  await at.clock.advance(60_000)
  expect(outcome).toEqual({ state: 'completed' })
  // Then what it had of the context is let go of.
  expect(at.producers).toEqual(new Set(['snk://new']))
})

it('a name that is gone is gone, whatever is still under way in its route', async () => {
  const context = await at.started([
    kept,
    from('direct:a')
      .routeId('a')
      .process(() => sleep(at.clock, 100_000)),
  ])
  at.bring('kept')
  await at.during(context.changeRoutes([kept]))
  const outcome = at.bring('kept')
  expect(outcome.error).toMatchObject({ code: 'DROMEDARY_NO_CONSUMER' })
})

it('a stop lets go of what such a route had', async () => {
  const context = await at.started([
    kept,
    from('direct:a')
      .routeId('a')
      .process(() => sleep(at.clock, 80_000))
      .to('snk:old'),
  ])
  const outcome = at.bring('kept')
  await at.during(context.changeRoutes([kept, from('direct:a').routeId('a').to('snk:new')]))
  await at.during(context.stop())
  expect(outcome).toEqual({ state: 'completed' })
  expect(at.producers).toEqual(new Set())
  expect(at.log.messages.filter(message => /warn|error/.test(message))).toEqual([
    expect.stringMatching(/route a is ended by force/),
  ])
})

describe('what is told of a called route', () => {
  const told = (context: Context) => {
    const news: string[] = []
    context.events.subscribe(event => {
      if (event.type === 'route' && event.routeId === 'a') news.push(event.status)
    })
    return news
  }
  const simple = (message: string) => from('direct:a').routeId('a').log(message)

  it('ends with what it is when the one in its place cannot start', async () => {
    const context = await at.started([kept, simple('old')])
    const news = told(context)
    await expect(at.during(context.changeRoutes([kept, slowStep('a', false)]))).rejects.toThrow('no repository')
    expect(context.route('a').status).toBe('started')
    expect(news).toEqual(['starting', 'failed', 'started'])
  })

  it('ends with what it is when another route cannot start', async () => {
    const context = await at.started([kept, simple('old')])
    const news = told(context)
    await at.during(context.changeRoutes([kept, simple('new'), slowStep('b', false)])).catch(() => {})
    expect(news.at(-1)).toBe('started')
    await at.during(context.changeRoutes([kept, simple('new'), from('res:in').to('res:in')])).catch(() => {})
    expect(news.at(-1)).toBe('started')
  })

  it('says that it has stopped when the one in its place does not start by itself', async () => {
    const context = await at.started([kept, simple('old')])
    const news = told(context)
    await at.during(context.changeRoutes([kept, simple('new').autoStartup(false)]))
    expect(news).toEqual(['stopping', 'stopped'])
  })

  it('is that of the new one when that runs', async () => {
    const context = await at.started([kept, simple('old')])
    const news = told(context)
    await at.during(context.changeRoutes([kept, simple('new')]))
    expect(news).toEqual(['starting', 'started'])
  })
})
