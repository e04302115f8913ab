import { createContext, from, silentSink } from '@dromedary/core'
import { defineComponent, type Producer, type TermBegun } from '@dromedary/core/component'
import { FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { master, type Standby } from '../src/index.ts'
import { Probe, ScriptedCluster } from './kit.ts'

function standby(onStandby: (standby: Standby) => void | Promise<void>, warmUp?: () => Promise<void>) {
  const cluster = new ScriptedCluster()
  const probe = new Probe()
  const clock = new FakeClock()
  const route = fakeRoute({ cluster, clock, components: [probe.component], ...(warmUp && { warmUp }) })
  const consumer = route.consumer(master({ onStandby }), 'master:ns:probe:x')
  return { cluster, probe, clock, route, consumer }
}

describe('a member of a master: route', () => {
  it('competes only once it is warm, and leads without doing that work again', async () => {
    const warm = Promise.withResolvers<void>()
    const asked: Standby[] = []
    const { cluster, probe, route, consumer } = standby(at => {
      asked.push(at)
      return warm.promise
    })
    await consumer.start(new AbortController().signal)
    await settle()
    expect(asked.map(({ routeId, namespace }) => [routeId, namespace])).toEqual([['test', 'ns']])
    expect([cluster.campaigns, route.readiness]).toEqual([0, ['warming']])
    warm.resolve()
    await settle()
    expect([cluster.campaigns, route.readiness]).toEqual([1, ['warming', 'standby-ready']])
    cluster.grant()
    expect(probe.newest?.alive).toBe(true)
    cluster.newest?.end('taken')
    await settle()
    cluster.grant()
    await settle()
    expect(route.readiness).toEqual(['warming', 'standby-ready', 'leading', 'standby-ready', 'leading'])
    expect(asked).toHaveLength(1)
  })

  it('waits for the endpoints that its route sends to before it calls onStandby', async () => {
    const order: string[] = []
    const endpoints = Promise.withResolvers<void>()
    const { consumer } = standby(
      () => void order.push('hook'),
      () => endpoints.promise.then(() => void order.push('endpoints')),
    )
    await consumer.start(new AbortController().signal)
    await settle()
    expect(order).toEqual([])
    endpoints.resolve()
    await settle()
    expect(order).toEqual(['endpoints', 'hook'])
  })

  it('warms up the delegate on a standby as well', async () => {
    const calls: string[] = []
    const feed = defineComponent({
      scheme: 'feed',
      title: 'A feed.',
      syntax: 'name',
      path: { name: 'Any.' },
      consumes: true,
      produces: false,
      endpoint: at => ({
        uri: at.uri,
        warmUp: async () => void calls.push('warm'),
        consumer: () => ({ start: () => void calls.push('start'), quiesce() {}, close() {} }),
      }),
    })
    const cluster = new ScriptedCluster()
    const route = fakeRoute({ cluster, components: [feed] })
    await route.consumer(master, 'master:ns:feed:x').start(new AbortController().signal)
    await settle()
    expect([calls, cluster.campaigns]).toEqual([['warm'], 1])
    cluster.grant()
    await settle()
    expect(calls).toEqual(['warm', 'start'])
  })

  it('tries again when warming up fails, says it once, and competes then', async () => {
    let failures = 3
    const { cluster, clock, route, consumer } = standby(() => {
      if (failures-- > 0) throw new Error('no cache')
    })
    await consumer.start(new AbortController().signal)
    await settle()
    expect(route.errors.map(({ error }) => String(error))).toEqual(['Error: no cache'])
    await clock.advance(9_999)
    expect(cluster.campaigns).toBe(0)
    await clock.advance(5_001)
    expect(cluster.campaigns).toBe(1)
    expect(route.errors).toHaveLength(1)
  })

  it('stops while warming: the hook is told, and nothing competes later', async () => {
    const warm = Promise.withResolvers<void>()
    let signal: AbortSignal | undefined
    const { cluster, consumer } = standby(at => {
      signal = at.signal
      return warm.promise
    })
    await consumer.start(new AbortController().signal)
    await consumer.quiesce()
    await consumer.close(false)
    expect(signal?.aborted).toBe(true)
    warm.resolve()
    await settle()
    expect(cluster.campaigns).toBe(0)
  })

  it('tells the endpoints of its route of each term before the delegate starts, and their exchanges whose term it is', async () => {
    const begun: TermBegun[] = []
    const sent: unknown[] = []
    const producer: Producer = {
      external: true,
      takeOver: term => void begun.push(term),
      send: exchange => void sent.push(exchange.guard?.leadership?.term),
    }
    const sink = defineComponent({
      scheme: 'sink',
      title: 'Takes everything.',
      syntax: 'name',
      path: { name: 'Any.' },
      consumes: false,
      produces: true,
      endpoint: at => ({ uri: at.uri, producer: () => producer }),
    })
    const cluster = new ScriptedCluster()
    const probe = new Probe()
    const seen: number[] = []
    probe.onStart = () => void seen.push(begun.length)
    await using context = createContext({
      cluster,
      components: [master, probe.component, sink],
      routes: [from('master:ns:probe:x').routeId('feed').to('sink:a').filter('${body} == 1').to('sink:a').end()],
      log: silentSink,
    })
    await context.start()
    const leadership = cluster.grant()
    await settle()
    expect(seen).toEqual([1])
    expect(begun).toEqual([{ routeId: 'feed', leadership }])
    probe.newest?.send('message')
    await settle()
    expect(sent).toEqual([1n])
    expect(context.route('feed').readiness).toBe('leading')
  })
})
