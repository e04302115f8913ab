import { createContext, from, type LogRecord, type LogSink, systemClock } from '@dromedary/core'
import { defineComponent } from '@dromedary/core/component'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Check, type Observation, observability } from '../src/index.ts'

/** Keeps what was logged. */
function journal(): { sink: LogSink; lines: LogRecord[] } {
  const lines: LogRecord[] = []
  return { lines, sink: { isEnabled: () => true, write: record => void lines.push(record) } }
}

const slow = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let failure: Error | undefined
  const start = () => (failure === undefined ? promise : Promise.reject(failure))
  const fail = (error: Error | undefined) => {
    failure = error
  }
  const component = defineComponent({
    scheme: 'slow',
    title: 'Starts when the test says so.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: true,
    produces: false,
    endpoint: at => ({ uri: at.uri, consumer: () => ({ start, quiesce() {}, close() {} }) }),
  })
  return { component, go: resolve, fail }
}

async function observed(port = 0) {
  const { sink, lines } = journal()
  const options = observability.schema.parse({ port })
  const observation = observability.create(options, { name: 'app', clock: systemClock, log: sink })
  const source = slow()
  const context = createContext({
    name: 'app',
    log: sink,
    meter: observation.meter,
    components: [source.component],
    routes: [from('slow:x').routeId('slow').log('x'), from('direct:a').routeId('a').setBody('x')],
  })
  onTestFinished(async () => {
    source.go()
    await context.stop()
    await observation.stop()
  })
  await observation.start(context)
  const address = /http:\S+(?=\/observe)/.exec(lines.map(({ message }) => message).join(' '))?.[0] ?? ''
  const get = async (path: string) => {
    const response = await fetch(`${address}/observe/${path}`)
    return { status: response.status, text: await response.text() }
  }
  return { observation, context, source, address, get, lines }
}

describe('an observation', () => {
  it('answers before the context starts, while it starts, and until it is stopped itself', async () => {
    const { context, observation, source, get, address } = await observed()
    expect((await get('health/live')).status).toBe(200)
    expect((await get('health/ready')).status).toBe(503)
    const starting = context.start()
    expect((await get('health/ready')).status).toBe(503)
    source.go()
    await starting
    expect((await get('health/ready')).status).toBe(200)
    expect((await get('health')).status).toBe(200)
    await context.stop()
    expect(await get('health/ready')).toMatchObject({ status: 503, text: expect.stringContaining('"stopped"') })
    expect((await get('health/live')).status).toBe(200)
    await observation.stop()
    await expect(fetch(`${address}/observe/health/live`)).rejects.toThrow()
  })

  it('says in one line where it listens', async () => {
    const { lines } = await observed()
    expect(lines.filter(({ category }) => category === 'observe').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^health, leader and metrics are told at http:\/\/127\.0\.0\.1:\d+\/observe$/),
    ])
  })

  it('fails liveness for overdue work until that has ended', async () => {
    const { observation, get } = await observed()
    const over = observation.overran({ namespace: 'ns', term: 7n, participant: 'feed' })
    await expect.poll(async () => (await get('health/live')).status).toBe(503)
    over()
    await expect.poll(async () => (await get('health/live')).status).toBe(200)
  })

  it('counts exchanges under the names of Camel', async () => {
    const { context, source, get } = await observed()
    source.go()
    await context.start()
    const send = await context.template.sender('direct:a')
    for (let i = 0; i < 3; i++) await send(context.createExchange())
    const { status, text } = await get('metrics')
    expect(status).toBe(200)
    for (const line of [
      'camel_exchanges_total{camelContext="app",routeId="a"} 3',
      'camel_exchanges_succeeded_total{camelContext="app",routeId="a"} 3',
      'camel_exchanges_failed_total{camelContext="app",routeId="a"} 0',
      'camel_exchanges_inflight{camelContext="app",routeId="a"} 0',
      'camel_exchanges_failures_handled_total{camelContext="app",routeId="a"} 0',
      'camel_routes_added_routes{camelContext="app"} 2',
      'camel_routes_running_routes{camelContext="app"} 2',
      'camel_route_policy_seconds_bucket{camelContext="app",routeId="a",le="+Inf"} 3',
      'camel_route_policy_seconds_count{camelContext="app",routeId="a"} 3',
      'camel_route_policy_seconds_count{camelContext="app",routeId="slow"} 0',
    ]) {
      expect(text.split('\n')).toContain(line)
    }
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
    expect(text).toMatch(/^process_resident_memory_bytes /m)
    expect(text).toContain('# TYPE camel_route_policy_seconds histogram')
  })

  it('goes on when routes are changed, and forgets those that are gone', async () => {
    const { context, source, get } = await observed()
    source.go()
    await context.start()
    const send = async (times: number) => {
      const sender = await context.template.sender('direct:a')
      for (let i = 0; i < times; i++) await sender(context.createExchange())
    }
    await send(3)
    const refused = [from('direct:a').routeId('a').setBody('y'), from('no-such-scheme:x').routeId('wrong').log('x')]
    await expect(context.changeRoutes(refused)).rejects.toThrow()
    await send(2)
    const count = async (line: string) => (await get('metrics')).text.split('\n').filter(one => one.startsWith(line))
    const duration = 'camel_route_policy_seconds_count{camelContext="app",routeId="a"}'
    expect(await count(duration)).toEqual([`${duration} 5`])
    await context.changeRoutes([from('direct:a').routeId('a').setBody('z')])
    await send(4)
    expect(await count(duration)).toEqual([`${duration} 9`])
    const ended = 'camel_exchanges_total{camelContext="app",routeId="a"}'
    expect(await count('camel_exchanges_total')).toEqual([`${ended} 9`])
    expect((await get('health/ready')).status).toBe(200)
  })

  it('says why a route could not start, and no secret', async () => {
    const { context, source, get } = await observed()
    source.go()
    await context.start()
    source.fail(new Error('no way to tcp://user:swordfish@host?password=swordfish'))
    await context.route('slow').stop()
    await expect(context.route('slow').start()).rejects.toThrow()
    const { status, text } = await get('health/ready')
    expect([status, JSON.parse(text).checks.find((check: Check) => check.name === 'route:slow')]).toEqual([
      503,
      {
        name: 'route:slow',
        status: 'DOWN',
        data: { 'route.id': 'slow', 'route.status': 'failed', error: expect.stringContaining('no way to tcp://') },
      },
    ])
    expect(text).not.toContain('swordfish')
    source.fail(undefined)
    await context.route('slow').start()
    expect((await get('health/ready')).status).toBe(200)
  })

  it('without a cluster tells of no namespace', async () => {
    const { get } = await observed()
    expect(JSON.parse((await get('leader')).text)).toEqual({ service: null, member: null, namespaces: [] })
  })
})

describe('an address that cannot be listened on', () => {
  it('is one line with its code', async () => {
    const { address } = await observed()
    const port = Number(new URL(address).port)
    await expect(observed(port)).rejects.toMatchObject({
      code: 'DROMEDARY_OBSERVE_ADDRESS',
      message: expect.stringMatching(/^cannot listen on 127\.0\.0\.1, port \d+: the port is in use, /),
    })
  })

  it('leaves nothing behind', async () => {
    const options = observability.schema.parse({ host: '192.0.2.1', port: 0 })
    const { sink } = journal()
    const observation: Observation = observability.create(options, { name: 'app', clock: systemClock, log: sink })
    const context = createContext({ name: 'app', log: sink, routes: [] })
    await expect(observation.start(context)).rejects.toThrow('observe.host is no address of this machine')
    await observation.stop()
  })
})
