import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { type Consumer, defineComponent } from '../src/component.ts'
import {
  type AggregationStrategy,
  type Context,
  constant,
  createContext,
  type Exchange,
  from,
  type RouteSource,
} from '../src/index.ts'
import { silentSink } from '../src/logger.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Weakly, everything of each generation. */
let born: { readonly what: string; readonly ref: WeakRef<object> }[] = []
let context: Context | undefined
afterEach(async () => {
  await context?.stop()
  context = undefined
  born = []
})
const note = <T extends object>(what: string, it: T): T => {
  born.push({ what, ref: new WeakRef(it) })
  return it
}
const alive = () => [...new Set(born.filter(({ ref }) => ref.deref() !== undefined).map(({ what }) => what))]

const beating = defineComponent({
  scheme: 'beating',
  title: 'Brings one exchange as it starts.',
  syntax: 'name',
  path: { name: 'Name.' },
  lenient: true,
  consumes: true,
  produces: true,
  endpoint: ({ uri }) => ({
    uri,
    producer: () => note('producer', { external: true, send: () => {} }),
    consumer: entry => {
      const consumer: Consumer = {
        start: () => {
          const exchange = note('exchange', entry.createExchange())
          void entry.process(exchange)
        },
        quiesce: () => {},
        close: () => {},
      }
      return note('consumer', consumer)
    },
  }),
})

/** Routes of every kind that refer to each other, with things of their own generation in them. */
function routes(generation: number, kept: RouteSource): RouteSource[] {
  const name = `d${generation}`
  const step = note('processor', (exchange: Exchange) => void exchange.setProperty('generation', generation))
  const active = from(`beating:in?v=${generation}`)
    .routeId('active')
    .process(step)
    .to('direct:same')
    .to(`direct:${name}`)
    .wireTap('direct:same')
    .toD(`beating:\${exchangeProperty.generation}`)
    .to(`beating:out?v=${generation}`)
  const called = from('direct:same')
    .routeId('called')
    .process(note('processor', () => {}))
  const named = from(`direct:${name}`)
    .aggregate(constant('all'), {
      aggregationStrategy: note<AggregationStrategy>('strategy', { aggregate: (_, next) => next }),
      completionSize: 5,
    })
    .process(note('processor', () => {}))
    .end()
  for (const { definition } of [active, called, named]) note('definition', definition as object)
  return [active, called, named, kept]
}

function noteRoutes({ routes }: Context) {
  for (const route of routes) if (route.id !== 'kept') note('route', route)
}

/** What can be collected has been, and what is told of that has run. */
async function settled() {
  for (let at = 0; at < 5; at++) {
    await settle(3)
    gc()
  }
}

it('keeps nothing of a generation that has gone', async () => {
  const kept = from('direct:kept').routeId('kept').to('direct:same')
  const make = createContext({ routes: routes(0, kept), components: [beating], log: silentSink })
  context = make
  await make.start()
  await make.template.sendBody('direct:kept', 1)
  noteRoutes(make)
  for (let generation = 1; generation <= 4; generation++) {
    await make.changeRoutes(routes(generation, kept))
    // A change that fails leaves nothing either.
    await make.changeRoutes([...routes(100 + generation, kept), from('nosuch:x' as string)]).catch(() => {})
    noteRoutes(make)
  }
  expect(alive()).toContain('route')
  await make.changeRoutes([kept])
  expect(make.routes.map(({ id }) => id)).toEqual(['kept'])
  await settled()
  expect(alive()).toEqual([])
})

it('does not grow over thousands of changes, each with names of its own', async () => {
  const kept = from('direct:kept')
    .routeId('kept')
    .process(() => {})
  const make = createContext({ routes: [kept], components: [beating], log: silentSink })
  context = make
  await make.start()
  const name = (at: number, what: string) => `${what}-${at}-${'long'.repeat(100)}`
  const changes = async (first: number, end: number) => {
    for (let at = first; at < end; at++) {
      const active = from(`beating:${name(at, 'in')}`)
        .routeId(name(at, 'active'))
        .to(`direct:${name(at, 'called')}`)
        .to(`beating:${name(at, 'out')}`)
      await make.changeRoutes([kept, active, from(`direct:${name(at, 'called')}`).stop()])
    }
    born = []
    await settled()
    return process.memoryUsage().heapUsed
  }
  await changes(0, 300)
  const before = await changes(300, 600)
  const after = await changes(600, 2600)
  // Whatever keeps one of these names keeps 400 bytes.
  expect((after - before) / 2000).toBeLessThan(250)
})
