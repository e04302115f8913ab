import { createContext, from, silentSink } from '@dromedary/core'
import { defineComponent, type Readiness, type RouteEntry } from '@dromedary/core/component'
import { expect, it, onTestFinished } from 'vitest'
import { type Check, reportOf } from '../src/health/check.ts'
import { readyChecks } from '../src/health/ready.ts'

/** A context with routes from `stage:<name>`, whose consumers the test steers. */
function stage() {
  const entries = new Map<string, RouteEntry>()
  const gate = Promise.withResolvers<void>()
  const failing = new Set<string>()
  const component = defineComponent({
    scheme: 'stage',
    title: 'Steered by a test.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: true,
    produces: false,
    endpoint: at => ({
      uri: at.uri,
      consumer: entry => ({
        async start() {
          entries.set(entry.routeId, entry)
          if (failing.has(entry.routeId)) throw new Error('no connection to tcp://host:1?password=swordfish')
          await gate.promise
        },
        quiesce() {},
        close() {},
      }),
    }),
  })
  const context = createContext({
    name: 'app',
    log: silentSink,
    components: [component],
    routes: [
      from('stage:a').routeId('a').log('a'),
      from('stage:b').routeId('b').log('b'),
      from('stage:c').routeId('by-hand').autoStartup(false).log('c'),
    ],
  })
  onTestFinished(() => context.stop().catch(() => {}))
  const failures = new Map<string, string>()
  const checks = () => readyChecks(context, failures)
  const status = (name: string) => checks().find(check => check.name === name)?.status
  return { context, entries, gate, failing, failures, checks, status, report: () => reportOf(checks()).status }
}

const report = (at: ReturnType<typeof stage>, readiness: Readiness) => {
  at.entries.get('a')?.reportReadiness(readiness)
  return [at.status('consumer:a'), at.report()]
}

it('is not ready before it starts, while it starts, and once it stops', async () => {
  const at = stage()
  expect(at.report()).toBe('DOWN')
  const starting = at.context.start()
  await expect.poll(() => at.status('route:a')).toBe('DOWN')
  expect([at.status('context'), at.report()]).toEqual(['DOWN', 'DOWN'])
  at.gate.resolve()
  await starting
  expect([at.status('context'), at.report()]).toEqual(['UP', 'UP'])
  const stopping = at.context.stop()
  expect([at.status('context'), at.report()]).toEqual(['DOWN', 'DOWN'])
  await stopping
  expect(at.report()).toBe('DOWN')
})

it('a member that stands by, or leads, is ready; one that is still warming is not', async () => {
  const at = stage()
  at.gate.resolve()
  await at.context.start()
  expect(at.status('consumer:a')).toBeUndefined()
  expect(report(at, 'warming')).toEqual(['DOWN', 'DOWN'])
  expect(report(at, 'standby-ready')).toEqual(['UP', 'UP'])
  expect(report(at, 'leading')).toEqual(['UP', 'UP'])
  expect(report(at, 'standby-ready')).toEqual(['UP', 'UP'])
})

it('a route that could not start is down, and says why; one that nobody starts, or that is held back, is not', async () => {
  const at = stage()
  at.gate.resolve()
  await at.context.start()
  expect([at.status('route:by-hand'), at.report()]).toEqual(['UP', 'UP'])
  await at.context.route('b').suspend()
  expect([at.status('route:b'), at.report()]).toEqual(['UP', 'UP'])
  await at.context.route('b').stop()
  expect([at.status('route:b'), at.report()]).toEqual(['DOWN', 'DOWN'])

  at.failing.add('b')
  at.failures.set('b', 'no connection')
  await expect(at.context.route('b').start()).rejects.toThrow()
  const expected: Check = {
    name: 'route:b',
    status: 'DOWN',
    data: { 'route.id': 'b', 'route.status': 'failed', error: 'no connection' },
  }
  expect(at.checks()).toContainEqual(expected)
  at.failing.clear()
  await at.context.route('b').start()
  expect(at.report()).toBe('UP')
})
