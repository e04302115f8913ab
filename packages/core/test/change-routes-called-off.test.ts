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
const aborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))))
const reason = new Error('saved again')
const one = (v: number) => from(`res:one?v=${v}`).routeId('one').to('snk:out')
const two = (v: number) => from(`res:two?v=${v}`).routeId('two').to('direct:called')
const called = (v: string) => from('direct:called').routeId('called').setBody(constant(v)).to('snk:out')
const old = [one(1), two(1), called('old')]

describe('a change that its signal calls off', () => {
  it('while a start heeds that, leaves what was', async () => {
    staged({ start: (uri, signal) => (uri === 'one?v=2' ? aborted(signal) : undefined) })
    const context = await at.started(old)
    const controller = new AbortController()
    const changing = context.changeRoutes([one(2), two(2), called('new')], controller)
    changing.catch(() => {})
    await at.clock.advance(60_000)
    expect(at.calls.slice(-2)).toEqual(['start two?v=2', 'started two?v=2'])
    controller.abort(reason)
    await settle()
    await expect(changing).rejects.toBe(reason)
    expect(statuses(context)).toEqual(['one started', 'two started', 'called started'])
    at.bring('two?v=1')
    expect(at.sent).toEqual(['old'])
    expect(await at.during(context.changeRoutes([one(3), two(1), called('old')]))).toMatchObject({ replaced: ['one'] })
  })

  it('while a start heeds nothing, leaves all but what it would have replaced, until it ends', async () => {
    const gate = Promise.withResolvers<void>()
    staged({ start: uri => (uri === 'one?v=2' ? gate.promise : undefined) })
    const context = await at.started(old)
    const controller = new AbortController()
    const changing = context.changeRoutes([one(2), two(2), called('new')], controller)
    changing.catch(() => {})
    await at.clock.advance(1_000)
    controller.abort(reason)
    await at.clock.advance(10_000)
    await expect(changing).rejects.toMatchObject({
      code: 'DROMEDARY_CHANGE_FAILED',
      message: /saved again.*one did not close/,
    })
    expect(statuses(context)).toEqual(['one stopped', 'two started', 'called started'])
    const again = context.changeRoutes([one(3), two(1), called('old')])
    again.catch(() => {})
    await at.clock.advance(20_000)
    await expect(again).rejects.toThrow(/one did not close/)
    gate.resolve()
    await settle()
    expect(at.calls.slice(-2)).toEqual(['quiesce one?v=2', 'close one?v=2'])
    await at.during(context.changeRoutes([one(3), two(1), called('old')]))
    expect(statuses(context)).toEqual(['one started', 'two started', 'called started'])
  })

  it('while the steps of a called route start, and heed nothing, leaves what was', async () => {
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
    const context = await at.started(old)
    const controller = new AbortController()
    const changing = context.changeRoutes([one(2), two(2), hanging], controller)
    changing.catch(() => {})
    await at.clock.advance(60_000)
    controller.abort(reason)
    await at.clock.advance(10_000)
    await expect(changing).rejects.toBe(reason)
    expect(at.calls).toEqual(['start one?v=1', 'started one?v=1', 'start two?v=1', 'started two?v=1'])
    at.bring('two?v=1')
    expect(at.sent).toEqual(['old'])
    expect(await at.during(context.changeRoutes([one(1), two(1), called('newer')]))).toMatchObject({
      replaced: ['called'],
    })
    gate.resolve()
    await settle()
    expect(stops).toEqual(['stopped'])
    at.bring('two?v=1')
    expect(at.sent).toEqual(['old', 'newer'])
  })

  it('once all of it runs, goes through', async () => {
    const gate = Promise.withResolvers<void>()
    staged({})
    const waits = from('direct:called')
      .routeId('called')
      .process(() => gate.promise)
    const context = await at.started([one(1), two(1), waits])
    at.bring('two?v=1')
    const controller = new AbortController()
    const changing = context.changeRoutes([one(1), two(1), called('new')], controller)
    await at.clock.advance(1_000)
    controller.abort(reason)
    gate.resolve()
    expect(await at.during(changing)).toMatchObject({ replaced: ['called'] })
  })
})
