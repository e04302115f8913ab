import { describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { from } from '../src/index.ts'
import { running } from './support/run.ts'

describe('a change of routes', () => {
  it('keeps what is equal, replaces what differs, adds and removes', async () => {
    const tick = () => {}
    const at = await running([
      from('source:kept').routeId('kept').log('same'),
      from('source:changed').routeId('changed').log('old'),
      from('source:fn').routeId('fn').process(tick),
      from('source:gone').routeId('gone').log('gone'),
    ])
    const kept = at.context.route('kept')
    const change = await at.context.changeRoutes([
      from('source:kept').routeId('kept').log('same'),
      from('source:new').routeId('new').log('new'),
      from('source:changed').routeId('changed').log('new'),
      from('source:fn')
        .routeId('fn')
        .process(() => {}),
    ])
    expect(change).toEqual({ added: ['new'], replaced: ['changed', 'fn'], removed: ['gone'], kept: ['kept'] })
    expect(at.context.routes.map(route => `${route.id} ${route.status}`)).toEqual([
      'kept started',
      'new started',
      'changed started',
      'fn started',
    ])
    expect(at.context.route('kept')).toBe(kept)
    expect(at.sources.source('kept').calls).toEqual(['start', 'started'])
    expect(at.sources.source('changed').calls).toEqual(['start', 'started', 'quiesce', 'close', 'start', 'started'])
    expect(at.sources.source('gone').calls).toEqual(['start', 'started', 'quiesce', 'close'])
    await at.context.stop()
  })

  it('drains the old route before the new one starts, and runs each exchange in the one it entered', async () => {
    const gate = Promise.withResolvers<void>()
    const at = await running([
      from('source:in')
        .routeId('in')
        .process(() => gate.promise)
        .setBody('old')
        .to('sink:out'),
    ])
    at.source.bring('one')
    const changing = at.context.changeRoutes([from('source:in').routeId('in').setBody('new').to('sink:out')])
    await settle()
    expect(at.source.calls).toEqual(['start', 'started', 'quiesce'])
    gate.resolve()
    await changing
    at.source.bring('two')
    expect(at.sink.bodies).toEqual(['old', 'new'])
    await at.context.stop()
  })

  it('changes a called route while an exchange is in the old one', async () => {
    const gate = Promise.withResolvers<void>()
    const at = await running([
      from('source:in').routeId('in').to('direct:a').to('sink:out'),
      from('direct:a')
        .routeId('a')
        .process(() => gate.promise)
        .setBody('old'),
    ])
    at.source.bring('one')
    const changing = at.context.changeRoutes([
      from('source:in').routeId('in').to('direct:a').to('sink:out'),
      from('direct:a').routeId('b').setBody('new'),
    ])
    await settle()
    at.source.bring('two')
    expect(at.sink.bodies).toEqual(['new'])
    expect(at.context.routes.map(({ id }) => id)).toEqual(['in', 'b'])
    gate.resolve()
    expect(await changing).toEqual({ added: ['b'], replaced: [], removed: ['a'], kept: ['in'] })
    expect(at.sink.bodies).toEqual(['new', 'old'])
    await at.context.stop()
  })

  it('takes everything back when a new consumer cannot start', async () => {
    const at = await running([
      from('source:in').routeId('in').to('direct:a').to('sink:out'),
      from('direct:a').routeId('a').setBody('old'),
      from('source:other').routeId('other').to('direct:a'),
    ])
    at.sources.source('bad').onStart = () => Promise.reject(new Error('port taken'))
    const changing = at.context.changeRoutes([
      from('source:in').routeId('in').log('x').to('direct:a').to('sink:out'),
      from('direct:a').routeId('a').setBody('new'),
      from('source:bad').routeId('bad').to('direct:a'),
    ])
    await expect(changing).rejects.toMatchObject({ code: 'DROMEDARY_START_FAILED', message: /port taken/ })
    expect(at.context.routes.map(route => `${route.id} ${route.status}`)).toEqual([
      'in started',
      'a started',
      'other started',
    ])
    at.source.bring('one')
    expect(at.sink.bodies).toEqual(['old'])
    await at.context.stop()
  })

  it('touches nothing when a new route is wrong', async () => {
    const at = await running([from('source:in').routeId('in').to('sink:out')])
    await expect(
      at.context.changeRoutes([from('source:in').routeId('in').to('sink:other'), from('nosuch:b' as string)]),
    ).rejects.toMatchObject({ code: 'DROMEDARY_UNKNOWN_SCHEME' })
    expect(at.source.calls).toEqual(['start', 'started'])
    expect(at.sink.events).toEqual(['start out'])
    await at.context.stop()
  })

  it('starts and closes the producers that it brings and leaves', async () => {
    const at = await running([from('source:in').routeId('in').to('sink:a').to('sink:b')])
    await at.context.changeRoutes([from('source:in').routeId('in').to('sink:b').to('sink:c')])
    expect(at.sink.events).toEqual(['start a', 'start b', 'start c', 'close a'])
    await at.context.stop()
    expect(at.sink.events.slice(4)).toEqual(['close b', 'close c'])
  })
})
