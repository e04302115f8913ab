import { createInterface } from 'node:readline'
import { constant, from } from '@dromedary/core'
import { type Component, defineComponent, type RouteEntry } from '@dromedary/core/component'
import { runApplication } from '@dromedary/main'
import { runWindow, type Send } from '../window.ts'
import { Counters } from '../workload.ts'
import type { MeteredRoute } from './contenders.ts'

/**
 * `program.ts absent|off|on <port>`: an application with R1 and R7, run by main. `absent` knows nothing of observability,
 * `off` has it and does not turn it on. Takes lines `R1 300000`, sends at least so many, and answers `done <count> <nanoseconds> <cpu nanoseconds>`.
 */
const [mode = 'absent', port = '0'] = process.argv.slice(2)
const counters = new Counters()
const count = () => void counters.seen++

const entries = new Map<string, RouteEntry>()
const { promise: all, resolve: allThere } = Promise.withResolvers<void>()
const source: Component = defineComponent({
  scheme: 'bench',
  title: 'Lets the benchmark push exchanges into a route.',
  syntax: 'name',
  path: { name: 'Any name.' },
  consumes: true,
  produces: false,
  endpoint: ({ uri }) => ({
    uri,
    consumer: entry => ({
      start() {
        entries.set(entry.routeId, entry)
        if (entries.size === 2) allThere()
      },
      quiesce() {},
      close() {},
    }),
  }),
})

void runApplication({
  name: `bench-${mode}`,
  module: import.meta.url,
  components: [source],
  ...(mode !== 'absent' && { observability: async () => (await import('@dromedary/observability')).observability }),
  argv: ['log.level=off', ...(mode === 'on' ? ['observe.enabled=true', `observe.port=${port}`] : [])].flatMap(
    setting => ['--set', setting],
  ),
  routes: [
    from('bench:r1').routeId('R1').setBody(constant('x')).to('direct:r1b'),
    from('direct:r1b').routeId('r1b').process(count),
    // Ten functions, not ten times one, as ten steps of an application would be.
    from('bench:r7')
      .routeId('R7')
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++),
  ],
})
await all

const sends = new Map<string, Send>()
for (const [id, entry] of entries) sends.set(id, () => entry.process(entry.createExchange('in')))
console.log(`ready ${mode}`)
for await (const line of createInterface({ input: process.stdin })) {
  const [route = '', atLeast] = line.split(' ')
  const sum = { count: 0, nanoseconds: 0, cpuNanoseconds: 0 }
  while (sum.count < Number(atLeast)) {
    const window = await runWindow(sends.get(route) as Send, 5)
    for (const key of ['count', 'nanoseconds', 'cpuNanoseconds'] as const) sum[key] += window[key]
    // Pulses, scrapes and collections have their turn in each of them, as they would with a consumer that waits.
    await new Promise(resolve => setImmediate(resolve))
  }
  counters.prove('dromedary', route as MeteredRoute, sum.count)
  console.log(`done ${sum.count} ${sum.nanoseconds} ${sum.cpuNanoseconds}`)
}
process.exit()
