import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { defineComponent } from '../src/component.ts'
import { constant, createContext, from } from '../src/index.ts'
import { silentSink } from '../src/logger.ts'
import { ScriptedStage, statuses } from './support/scripted-stage.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

it('keeps no later generation for whoever holds an old route', async () => {
  const route = (version: number) => from('direct:a').routeId('a').setProperty('version', constant(version))
  const context = createContext({ routes: [route(0)], log: silentSink })
  await context.start()
  const first = context.route('a')
  const later: WeakRef<object>[] = []
  for (let version = 1; version < 6; version++) {
    await context.changeRoutes([route(version)])
    later.push(new WeakRef(context.route('a')))
  }
  for (let turn = 0; turn < 5; turn++) {
    await settle(3)
    gc()
  }
  expect(later.map(ref => ref.deref() !== undefined)).toEqual([false, false, false, false, true])
  expect(first.status).toBe('stopped')
  await context.stop()
})

it('starts again what could not be brought back, as soon as it is in a set again', async () => {
  const hangs = Promise.withResolvers<void>()
  const stage = new ScriptedStage({ close: () => hangs.promise })
  const old = from('res:a').routeId('a').log('old')
  const context = await stage.started([old])
  const refused = context.changeRoutes([from('res:a').routeId('a').log('new')])
  await expect(stage.during(refused)).rejects.toMatchObject({ message: /did not close in time/ })
  hangs.resolve()
  await stage.clock.advance(1_000)
  expect(statuses(context)).toEqual(['a stopped'])
  await stage.during(context.changeRoutes([old]))
  expect(statuses(context)).toEqual(['a started'])
  // What was stopped by hand stays so.
  await stage.during(context.route('a').stop())
  expect(await stage.during(context.changeRoutes([old]))).toMatchObject({ kept: ['a'] })
  expect(statuses(context)).toEqual(['a stopped'])
  await stage.end()
})

it('stops when the producers that a change has let go of have closed', async () => {
  const gate = Promise.withResolvers<void>()
  let isClosed = false
  const slow = defineComponent({
    scheme: 'slow',
    title: 'Takes long to close.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: false,
    produces: true,
    endpoint: ({ uri }) => ({
      uri,
      producer: () => ({
        external: true,
        send: () => {},
        close: async () => {
          await gate.promise
          isClosed = true
        },
      }),
    }),
  })
  const route = () => from('direct:a').routeId('a')
  const context = createContext({ routes: [route().to('slow:x')], components: [slow], log: silentSink })
  await context.start()
  const changing = context.changeRoutes([route().log('x')])
  await settle(20)
  const stopping = context.stop().then(() => isClosed)
  await expect(changing).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
  await settle(20)
  gate.resolve()
  expect(await stopping).toBe(true)
})

it('starts nothing beside a route of a change that failed, which still hangs in its start', async () => {
  const hangs = Promise.withResolvers<void>()
  const stage = new ScriptedStage({
    start: async uri => {
      if (uri === 'a?v=2') await hangs.promise
      if (uri === 'bad') throw new Error('bad')
    },
  })
  const route = (version: number) => from(`res:a?v=${version}`).routeId('a').log('x')
  const context = await stage.started([route(1)])
  const refused = context.changeRoutes([route(2), from('res:bad').routeId('bad').log('x')])
  await expect(stage.during(refused)).rejects.toMatchObject({ code: 'DROMEDARY_CHANGE_FAILED' })
  const between = stage.calls.length
  const changing = context.changeRoutes([route(3)])
  await stage.clock.advance(9_000)
  expect(stage.calls.slice(between)).toEqual([])
  hangs.resolve()
  await stage.during(changing)
  const closed = ['started a?v=2', 'quiesce a?v=2', 'close a?v=2']
  expect(stage.calls.slice(between)).toEqual([...closed, 'start a?v=3', 'started a?v=3'])
  expect(statuses(context)).toEqual(['a started'])
  await stage.end()
})
