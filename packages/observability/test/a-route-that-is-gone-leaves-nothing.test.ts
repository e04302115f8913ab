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
