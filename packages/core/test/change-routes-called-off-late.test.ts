import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { constant, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
import { type Script, ScriptedStage, statuses } from './support/scripted-stage.ts'

let at = new ScriptedStage()
afterEach(() => at.end())
const staged = (script: Script) => {
  at = new ScriptedStage(script)
  return at
}
const reason = new Error('saved again')
const route = (id: string, v: number) => from(`res:${id}?v=${v}`).routeId(id).to('snk:out')
const called = (v: string) => from('direct:called').routeId('called').setBody(constant(v)).to('snk:out')
const onceAborted = (signal: AbortSignal, reject: (error: Error) => void) =>
  signal.addEventListener('abort', () => reject(new Error('gave up')), { once: true })
const listeners = (controller: AbortController) => getEventListeners(controller.signal, 'abort').length

describe('a signal', () => {
  it('that aborts while a change that failed is taken back does not make another failure of it', async () => {
    const gate = Promise.withResolvers<void>()
    staged({
      start: uri => {
        if (uri === 'bad') throw new Error('bad start')
      },
      close: uri => (uri === 'one?v=2' ? gate.promise : undefined),
    })
    const context = await at.started([route('one', 1)])
    const controller = new AbortController()
    const changing = context.changeRoutes([route('one', 2), from('res:bad').routeId('bad').log('x')], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    expect(at.calls.at(-1)).toBe('close one?v=2')
    controller.abort(reason)
    gate.resolve()
    await expect(at.during(changing)).rejects.toMatchObject({ code: 'DROMEDARY_START_FAILED' })
    expect(statuses(context)).toEqual(['one started'])
  })

  it('that aborts while a change that failed is taken back waits no longer for a start that heeds nothing', async () => {
    const gate = Promise.withResolvers<void>()
    staged({
      start: uri => {
        if (uri === 'bad') throw new Error('bad start')
        return uri === 'one?v=2' ? gate.promise : undefined
      },
    })
    const context = await at.started([route('one', 1), route('two', 1)])
    const controller = new AbortController()
    const bad = from('res:bad').routeId('bad').log('x')
    const changing = context.changeRoutes([route('one', 2), route('two', 2), bad], controller)
    const refused = expect(changing).rejects.toMatchObject({ code: 'DROMEDARY_CHANGE_FAILED' })
    await at.clock.advance(20_000)
    controller.abort(reason)
    await at.clock.advance(10_000)
    await refused
    expect(statuses(context)).toEqual(['one stopped', 'two started'])
    gate.resolve()
    await settle()
    expect(at.clock.pending).toBe(0)
  })

  it('that aborts is not held up by an old route that hangs as it starts again', async () => {
    let nth = 0
    staged({
      start: (uri, signal) => {
        if (uri === 'bad') throw new Error('bad start')
        if (uri === 'one?v=1' && ++nth === 2) return new Promise((_, reject) => onceAborted(signal, reject))
        return undefined
      },
    })
    const context = await at.started([route('one', 1), route('two', 1)])
    const controller = new AbortController()
    const bad = from('res:bad').routeId('bad').log('x')
    const changing = context.changeRoutes([route('one', 2), route('two', 1), bad], controller)
    const refused = expect(changing).rejects.toThrow('bad start')
    await at.clock.advance(10)
    void context.route('one').start()
    await at.clock.advance(60_000)
    expect(statuses(context)).toEqual(['one starting', 'two started'])
    controller.abort(reason)
    await at.clock.advance(10_000)
    await refused
    expect(listeners(controller)).toBe(0)
    const before = at.calls.length
    await at.during(context.changeRoutes([route('one', 3), route('two', 1)]))
    expect(at.calls.slice(before)).toEqual(['close one?v=1', 'start one?v=3', 'started one?v=3'])
    expect(statuses(context)).toEqual(['one started', 'two started'])
  })

  it('of a change that waits for its turn takes it out at once, and those behind it have theirs', async () => {
    staged({
      start: (uri, signal) => (uri === 'one?v=2' ? new Promise((_, no) => onceAborted(signal, no)) : undefined),
    })
    const context = await at.started([route('one', 1)])
    const [first, second] = [new AbortController(), new AbortController()]
    const hangs = context.changeRoutes([route('one', 2)], first)
    const waits = context.changeRoutes([route('one', 3)], second)
    const last = context.changeRoutes([route('one', 4)])
    await at.clock.advance(1_000)
    second.abort(reason)
    await expect(waits).rejects.toBe(reason)
    expect(listeners(second)).toBe(0)
    first.abort(reason)
    await expect(hangs).rejects.toBe(reason)
    expect(await at.during(last)).toMatchObject({ replaced: ['one'] })
    expect(at.calls.filter(call => call.startsWith('started'))).toEqual([
      'started one?v=1',
      'started one?v=1',
      'started one?v=4',
    ])
  })

  it('is listened to no longer than the change may be called off', async () => {
    staged({
      start: uri => {
        if (uri === 'bad') throw new Error('bad start')
      },
    })
    const context = await at.started([route('one', 1)])
    const controller = new AbortController()
    await at.during(context.changeRoutes([route('one', 2)], controller))
    expect(listeners(controller)).toBe(0)
    await at.during(context.changeRoutes([from('res:bad').routeId('bad').log('x')], controller)).catch(() => {})
    expect(listeners(controller)).toBe(0)
    const gate = Promise.withResolvers<void>()
    const waits = from('res:two').routeId('two').log('x')
    staged({ start: uri => (uri === 'two' ? gate.promise : undefined) })
    const other = await at.started([route('one', 1)])
    const changing = other.changeRoutes([waits], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    expect(listeners(controller)).toBe(1)
    const stopping = other.stop()
    gate.resolve()
    await at.during(stopping)
    expect(listeners(controller)).toBe(0)
  })
})

describe('a route that hangs in its start, and was called off with its change,', () => {
  it('is no failure of what ran before where it takes no place', async () => {
    const gate = Promise.withResolvers<void>()
    staged({ start: uri => (uri === 'two?v=1' ? gate.promise : undefined) })
    const context = await at.started([route('one', 1)])
    const controller = new AbortController()
    const changing = context.changeRoutes([route('one', 1), route('two', 1)], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    controller.abort(reason)
    await expect(at.during(changing)).rejects.toBe(reason)
    expect(statuses(context)).toEqual(['one started'])
    gate.resolve()
  })

  it('is waited for by a stop of the context', async () => {
    const gate = Promise.withResolvers<void>()
    staged({ start: uri => (uri === 'one?v=2' ? gate.promise : undefined) })
    const context = await at.started([route('one', 1)])
    const controller = new AbortController()
    const changing = context.changeRoutes([route('one', 2)], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    controller.abort(reason)
    await at.during(changing).catch(() => {})
    const stopping = context.stop().then(() => at.calls.at(-1))
    await at.clock.advance(1_000)
    gate.resolve()
    expect(await at.during(stopping)).toBe('close one?v=2')
  })

  it('has its producers until it has closed', async () => {
    const gate = Promise.withResolvers<void>()
    staged({ start: uri => (uri === 'one?v=2' ? gate.promise : undefined) })
    const context = await at.started([route('one', 1)])
    const controller = new AbortController()
    const next = from('res:one?v=2').routeId('one').to('snk:new')
    const changing = context.changeRoutes([next], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    controller.abort(reason)
    await at.during(changing).catch(() => {})
    expect([...at.producers]).toEqual(['snk://out', 'snk://new'])
    gate.resolve()
    await settle()
    expect([...at.producers]).toEqual(['snk://out'])
  })

  it('keeps down what it was to replace, also when that is started by hand', async () => {
    const gate = Promise.withResolvers<void>()
    staged({ start: uri => (uri === 'one?v=2' ? gate.promise : undefined) })
    const context = await at.started([route('one', 1)])
    const controller = new AbortController()
    const changing = context.changeRoutes([route('one', 2)], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    // During the change, and after it.
    const first = context.route('one').start()
    controller.abort(reason)
    await at.during(changing).catch(() => {})
    await first
    expect(statuses(context)).toEqual(['one stopped'])
    const second = context.route('one').start()
    await expect(at.during(second)).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
    expect(at.calls.at(-1)).toBe('start one?v=2')
    gate.resolve()
    await settle()
    await at.during(context.route('one').start())
    expect(at.calls.slice(-4)).toEqual(['quiesce one?v=2', 'close one?v=2', 'start one?v=1', 'started one?v=1'])
  })

  it('where only others call it, tells nothing of the one that runs, and is waited for by a stop', async () => {
    staged({})
    const gate = Promise.withResolvers<void>()
    const stops: string[] = []
    const repository = Object.assign(memoryAggregationRepository(), {
      start: () => gate.promise,
      stop: () => void stops.push('stopped'),
    })
    const hanging = from('direct:called')
      .routeId('called')
      .aggregate(constant('k'), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionSize: 1,
      })
      .to('snk:new')
      .end()
    const context = await at.started([called('old')])
    const told: string[] = []
    context.events.subscribe(event => {
      if (event.type === 'route') told.push(`${event.routeId} ${event.status}`)
    })
    const controller = new AbortController()
    const changing = context.changeRoutes([hanging], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    controller.abort(reason)
    await expect(at.during(changing)).rejects.toBe(reason)
    const again = context.changeRoutes([called('newer')])
    await at.during(again)
    const before = told.length
    const stopping = context.stop().then(() => [...stops])
    await at.clock.advance(1_000)
    gate.resolve()
    expect(await at.during(stopping)).toEqual(['stopped'])
    expect(told.slice(0, before).at(-1)).toBe('called started')
  })

  it('where only others call it, tells nothing when it ends', async () => {
    staged({})
    const gate = Promise.withResolvers<void>()
    const repository = Object.assign(memoryAggregationRepository(), { start: () => gate.promise })
    const hanging = from('direct:called')
      .routeId('called')
      .aggregate(constant('k'), {
        aggregationStrategy: useLatest(),
        aggregationRepository: repository,
        completionSize: 1,
      })
      .to('snk:new')
      .end()
    const context = await at.started([called('old')])
    const told: string[] = []
    context.events.subscribe(event => {
      if (event.type === 'route') told.push(`${event.routeId} ${event.status}`)
    })
    const controller = new AbortController()
    const changing = context.changeRoutes([hanging], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    controller.abort(reason)
    await expect(at.during(changing)).rejects.toBe(reason)
    gate.resolve()
    await settle()
    expect(told.at(-1) ?? 'called started').toBe('called started')
  })

  it('does not begin to consume when its steps have started at last', async () => {
    staged({})
    const gate = Promise.withResolvers<void>()
    const stops: string[] = []
    const repository = Object.assign(memoryAggregationRepository(), {
      start: () => gate.promise,
      stop: () => void stops.push('stopped'),
    })
    const options = { aggregationStrategy: useLatest(), aggregationRepository: repository, completionSize: 1 }
    const hanging = from('res:one?v=2').routeId('one').aggregate(constant('k'), options).to('snk:new').end()
    const context = await at.started([route('one', 1)])
    const controller = new AbortController()
    const changing = context.changeRoutes([hanging], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    controller.abort(reason)
    await at.during(changing).catch(() => {})
    gate.resolve()
    await settle()
    expect(at.calls).not.toContain('start one?v=2')
    expect(stops).toEqual(['stopped'])
    await at.during(context.route('one').start())
    expect(statuses(context)).toEqual(['one started'])
  })
})
