import { type Context, createContext, type Exchange, silentSink } from '@dromedary/core'
import type { Contender, RouteName } from './contender.ts'
import { benchRoutes } from './routes.ts'
import { type MasterRoute, masterRoute } from './under-master.ts'
import { runWindow, type Send } from './window.ts'
import { Counters, KINDS, PICKED, TEXT, WHO } from './workload.ts'

/** A context with all routes, under the defaults: default error handler, counting, guards. */
export async function dromedaryContender(): Promise<Contender & { fresh(body: unknown): Exchange }> {
  const counters = new Counters()
  const context = createContext({ name: 'bench', routes: benchRoutes(counters), log: silentSink })
  await context.start()
  const master = await masterRoute(counters)
  const sends = await dromedarySends(context, counters, master)
  return {
    name: 'dromedary',
    about: `node ${process.version}`,
    fresh: body => context.template.createExchange(body),
    async window(route, ms) {
      const window = await runWindow(sends[route], ms)
      counters.prove('dromedary', route, window.count)
      return window
    },
    async [Symbol.asyncDispose]() {
      await master[Symbol.asyncDispose]()
      await context.stop()
    },
  }
}

async function dromedarySends(
  { template }: Context,
  counters: Counters,
  master: MasterRoute,
): Promise<Readonly<Record<RouteName, Send>>> {
  const r1 = await template.sender('direct:r1')
  const r2 = await template.sender('direct:r2')
  const r5 = await template.sender('direct:r5')
  const r7 = await template.sender('direct:r7')
  const fresh = template.createExchange
  return {
    R1: () => r1(fresh('in')),
    R1m: () => master.send(),
    R2: i => {
      const exchange = fresh('in')
      exchange.message.setHeader('kind', KINDS[i & 3])
      const pending = r2(exchange)
      const check = () => {
        if (exchange.message.header('picked') === PICKED[i & 3]) counters.seen++
      }
      return pending === undefined ? check() : pending.then(check)
    },
    R5: () => {
      const exchange = fresh(TEXT)
      exchange.message.setHeader('who', WHO)
      return r5(exchange)
    },
    R7: () => r7(fresh('in')),
  }
}
