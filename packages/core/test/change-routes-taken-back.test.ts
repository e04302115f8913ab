import { afterEach, describe, expect, it } from 'vitest'
import { sleep } from '../src/clock.ts'
import { constant, type Exchange, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
import { type Script, ScriptedStage, statuses } from './support/scripted-stage.ts'

let at = new ScriptedStage()
afterEach(() => at.end())
const staged = (script: Script) => {
  at = new ScriptedStage(script)
  return at
}
const failed = async (ms = 0) => {
  await sleep(at.clock, ms)
  throw new Error('cannot start')
}

describe('a consumer that cannot be made again', () => {
  let isBroken = true
  const script: Script = {
    make: (uri, nth) => {
      if (uri === 'one?v=1' && nth > 1 && isBroken) throw new Error('cannot be made twice')
    },
    start: uri => (uri === 'bad' ? failed(500) : undefined),
  }

  it('leaves nothing half done', async () => {
    staged(script)
    const context = await at.started([
      from('res:one?v=1').routeId('one').log('x'),
      from('res:two').routeId('two').log('1'),
    ])
    const refused = context.changeRoutes([
      from('res:one?v=2').routeId('one').log('x'),
      from('res:two').routeId('two').log('2'),
      from('res:bad').routeId('bad').log('x'),
    ])
    await expect(at.during(refused)).rejects.toMatchObject({ code: 'DROMEDARY_CHANGE_FAILED' })
    expect(statuses(context)).toEqual(['one failed', 'two started'])
    expect(at.calls.filter(call => /one\?v=2/.test(call)).at(-1)).toBe('close one?v=2')
    isBroken = false
    // Both can be steered by hand again.
    await context.route('two').stop()
    await context.route('two').start()
    await context.route('one').start()
    expect(statuses(context)).toEqual(['one started', 'two started'])
  })
})

describe('routes that have nothing to do with one that holds up the change', () => {
  const two = (version: number) => from(`res:two?v=${version}`).routeId('two').log('x')

  it('run while it drains, where what shall take their place cannot start', async () => {
    staged({ start: uri => (uri === 'two?v=2' ? failed() : undefined) })
    const slow = from('res:slow?v=1')
      .routeId('slow')
      .process(() => sleep(at.clock, 40_000))
    const context = await at.started([slow, two(1)])
    at.bring('slow?v=1')
    const refused = context.changeRoutes([from('res:slow?v=2').routeId('slow').log('x'), two(2)])
    refused.catch(() => {})
    await at.clock.advance(1_000)
    expect(statuses(context)).toEqual(['slow stopping', 'two started'])
    await expect(at.during(refused)).rejects.toThrow(/cannot start/)
    expect(statuses(context)).toEqual(['slow started', 'two started'])
  })

  it.each([60_000, 500_000])('run while its start does not heed that it was called off, for %i ms', async ms => {
    staged({
      start: uri => {
        if (uri === 'deaf?v=2') return sleep(at.clock, ms).then(() => {})
        if (uri === 'two?v=2') return failed(1_000)
      },
    })
    const deaf = (version: number) => from(`res:deaf?v=${version}`).routeId('deaf').log('x')
    const context = await at.started([deaf(1), two(1)])
    const refused = context.changeRoutes([deaf(2), two(2)])
    refused.catch(() => {})
    await at.clock.advance(2_000)
    expect(statuses(context)).toEqual(['deaf stopped', 'two started'])
    const isLate = ms > 200_000
    await expect(at.during(refused)).rejects.toThrow(isLate ? /deaf did not close in time/ : /cannot start/)
    // Two consumers of one source must not be there at once.
    expect(statuses(context)).toEqual([isLate ? 'deaf stopped' : 'deaf started', 'two started'])
    await at.clock.advance(ms)
    expect(at.calls.filter(call => call === 'close deaf?v=2')).toHaveLength(1)
  })

  it('run though it never closes, and the change ends', async () => {
    staged({
      close: uri => (uri === 'hangs?v=1' ? new Promise<void>(() => {}) : undefined),
      start: uri => (uri === 'two?v=2' ? failed() : undefined),
    })
    const context = await at.started([from('res:hangs?v=1').routeId('hangs').log('x'), two(1)])
    const refused = context.changeRoutes([from('res:hangs?v=2').routeId('hangs').log('x'), two(2)])
    await expect(at.during(refused)).rejects.toMatchObject({
      code: 'DROMEDARY_SHUTDOWN_TIMEOUT',
      message: expect.stringMatching(/route hangs did not close in time/),
    })
    expect(statuses(context)).toEqual(['hangs stopping', 'two started'])
    // Nor does it hold up the next one.
    const next = context.changeRoutes([context.route('hangs').definition, two(3)])
    expect(await at.during(next)).toMatchObject({ replaced: ['two'], kept: ['hangs'] })
  })
})

describe('a start that was asked for by hand while a change is being taken back', () => {
  const slow = (exchange: Exchange) => sleep(at.clock, exchange.body === 'slow' ? 10_000 : 0)
  const rest = from('res:rest').routeId('rest')
  const others = (version: number) => [
    from('direct:a').routeId('a').setHeader('v', constant(version)).process(slow),
    from('res:kept').routeId('kept').to('direct:a'),
  ]

  it.each([
    ['stopped', false],
    ['failed', true],
  ])('is done where the route was %s', async (status, wasAsked) => {
    let isBroken = wasAsked
    staged({
      start: uri => {
        if (uri === 'bad') return failed(50)
        if (uri === 'rest' && isBroken) throw new Error('not yet')
      },
    })
    const context = await at.started([rest.autoStartup(false).log('1'), ...others(1)])
    if (wasAsked)
      await context
        .route('rest')
        .start()
        .catch(() => {})
    expect(statuses(context)).toContain(`rest ${status}`)
    const refused = context.changeRoutes([
      rest.autoStartup(false).log('2'),
      ...others(2),
      from('res:bad')
        .routeId('bad')
        .process(() => sleep(at.clock, 1)),
    ])
    refused.catch(() => {})
    // One exchange is in the new called route as the change is taken back.
    await at.clock.advance(10)
    at.bring('kept', 'slow')
    await at.clock.advance(1_000)
    isBroken = false
    await context.route('rest').start()
    await expect(at.during(refused)).rejects.toThrow(/cannot start|not yet/)
    expect(statuses(context)).toContain('rest started')
    expect(context.route('rest').definition.steps).toMatchObject([{ message: '1' }])
  })
})

it.each([false, true])('a pause that a step asked for outlives a change that fails: resumes %j', async canResume => {
  staged({ canResume })
  const broken = Object.assign(memoryAggregationRepository(), {
    start: () => Promise.reject(new Error('no repository')),
  })
  let isUp = true
  const steps = (version: number) =>
    from('res:in')
      .routeId('in')
      .pausable({ until: () => isUp })
      .setHeader('v', constant(version))
  const context = await at.started([steps(1), from('direct:a').routeId('a').log('x')])
  isUp = false
  at.bring('in')
  await at.clock.advance(10)
  expect(statuses(context)).toContain('in suspended')
  const gather = from('direct:a')
    .routeId('a')
    .aggregate(constant('k'), { aggregationStrategy: useLatest(), aggregationRepository: broken, completionSize: 2 })
    .log('x')
    .end()
  await expect(at.during(context.changeRoutes([steps(2), gather]))).rejects.toThrow('no repository')
  expect(statuses(context)).toEqual(['in suspended', 'a started'])
  isUp = true
  await at.clock.advance(60_000)
  expect(statuses(context)).toContain('in started')
})

it('a route that a step had pause, and that was stopped, is stopped', async () => {
  let isUp = true
  const context = await at.started([
    from('res:in')
      .routeId('in')
      .pausable({ until: () => isUp }),
  ])
  isUp = false
  at.bring('in')
  await at.clock.advance(10)
  await at.during(context.route('in').stop())
  await at.during(context.changeRoutes([from('res:in').routeId('in').log('new')]))
  expect(statuses(context)).toEqual(['in stopped'])
})
