import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createContext, from, silentSink } from '@dromedary/core'
import { expect, it } from 'vitest'
import { RouteTimers } from '../src/metrics/route-timer.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

it('is not held by what times the exchanges of its context', async () => {
  const meter = new RouteTimers()
  const kept = from('direct:kept').routeId('kept').log('x')
  const context = createContext({
    meter,
    log: silentSink,
    routes: [
      kept,
      from('direct:gone').routeId('gone').setBody('x'),
      from('direct:other').routeId('other').setBody('x'),
    ],
  })
  await context.start()
  await context.template.sendBody('direct:gone', 'x')
  const refs = ['gone', 'other'].map(id => new WeakRef(context.route(id)))
  await context.changeRoutes([kept, from('direct:other').routeId('other').setBody('y')])
  await expect
    .poll(() => {
      // First: what a job has looked at weakly stays until its end.
      gc()
      meter.pulse()
      return refs.map(ref => ref.deref() === undefined)
    })
    .toEqual([true, true])
  await context.stop()
})

it('leaves its counts to the one that takes its place, while it still works and after it is gone', async () => {
  const meter = new RouteTimers()
  const { promise, resolve } = Promise.withResolvers<void>()
  const context = createContext({
    meter,
    log: silentSink,
    routes: [
      from('direct:a')
        .routeId('a')
        .process(({ message }) => (message.body === 'slow' ? promise : undefined)),
    ],
  })
  await context.start()
  await context.template.sendBody('direct:a', 'quick')
  const slow = context.template.sendBody('direct:a', 'slow')
  await expect.poll(() => meter.counted('a').inFlight).toBe(1)
  const first = new WeakRef(context.route('a'))
  const changing = context.changeRoutes([from('direct:a').routeId('a').setBody('y')])
  await expect.poll(() => meter.counted('a')).toMatchObject({ total: 2, completed: 1, inFlight: 1 })
  resolve()
  await Promise.all([slow, changing])
  await context.template.sendBody('direct:a', 'x')
  expect(meter.counted('a')).toMatchObject({ total: 3, completed: 3, inFlight: 0 })
  await expect
    .poll(() => {
      gc()
      meter.pulse()
      return first.deref() === undefined
    })
    .toBe(true)
  expect(meter.counted('a')).toMatchObject({ total: 3, completed: 3, inFlight: 0 })
  await context.stop()
})
