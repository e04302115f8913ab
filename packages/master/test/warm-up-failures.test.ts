import { createContext, from, silentSink } from '@dromedary/core'
import { defineComponent, type Producer } from '@dromedary/core/component'
import { FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { master } from '../src/index.ts'
import { bench, Probe, ScriptedCluster } from './kit.ts'

const unhandled: unknown[] = []
const keep = (reason: unknown) => void unhandled.push(reason)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', keep)
})
afterEach(() => void process.off('unhandledRejection', keep))
/** Rejections that nobody handles are told after the microtasks. */
const turn = () => new Promise(resolve => setImmediate(resolve))

describe('a member that has warmed up', () => {
  it('and cannot compete says so and tries again, instead of ending the process', async () => {
    const cluster = new ScriptedCluster()
    const probe = new Probe()
    const clock = new FakeClock()
    const campaign = cluster.campaign.bind(cluster)
    let refusals = 1
    cluster.campaign = namespace => {
      if (refusals-- > 0) throw new Error('the cluster is not ready')
      return campaign(namespace)
    }
    const route = fakeRoute({ cluster, clock, components: [probe.component] })
    const consumer = route.consumer(
      master({ onStandby: () => Promise.resolve(), backOffDelay: 1_000 }),
      'master:ns:probe:x',
    )
    await consumer.start(new AbortController().signal)
    await settle()
    await turn()
    expect(unhandled).toEqual([])
    expect(route.errors.map(({ error }) => String(error)).join()).toContain('the cluster is not ready')
    expect(route.readiness.at(-1)).not.toBe('standby-ready')
    await clock.advance(1_000)
    expect(cluster.campaigns).toBe(1)
    expect(route.readiness.at(-1)).toBe('standby-ready')
    await consumer.quiesce()
    await consumer.close(false)
  })

  it('and cannot compete at once fails its start', async () => {
    const cluster = new ScriptedCluster()
    const probe = new Probe()
    cluster.campaign = () => {
      throw new Error('no such namespace')
    }
    const route = fakeRoute({ cluster, components: [probe.component] })
    const consumer = route.consumer(master, 'master:ns:probe:x')
    expect(() => consumer.start(new AbortController().signal)).toThrow('no such namespace')
  })
})

describe('a warm-up that fails in two places', () => {
  it('is tried again, and leaves no rejection behind that nobody handles', async () => {
    const cluster = new ScriptedCluster()
    const probe = new Probe()
    const clock = new FakeClock()
    const attempts: string[] = []
    const producer = (name: string): Producer => ({
      external: true,
      send() {},
      warmUp() {
        attempts.push(name)
        if (name === 'b') throw new Error('at once')
        return settle(2).then(() => Promise.reject(new Error('later')))
      },
    })
    const out = defineComponent({
      scheme: 'out',
      title: 'Fails to warm up.',
      syntax: 'name',
      path: { name: 'Any.' },
      consumes: false,
      produces: true,
      endpoint: at => ({ uri: at.uri, producer: () => producer(at.path.name) }),
    })
    const context = createContext({
      clock,
      cluster,
      log: silentSink,
      components: [master({ backOffDelay: 1_000 }), probe.component, out],
      routes: [from('master:ns:probe:x').routeId('r').to('out:a').to('out:b')],
    })
    await context.start()
    await settle(10)
    await turn()
    expect(unhandled).toEqual([])
    await clock.advance(1_000)
    expect(attempts).toEqual(['a', 'b', 'a', 'b'])
    expect(context.route('r').readiness).toBe('warming')
    const stopping = context.stop()
    await clock.advance(1_000)
    await stopping
    await turn()
    expect(unhandled).toEqual([])
  })
})

describe('a cluster service that throws where it must not', () => {
  it('does not keep the route from stopping, nor from the next term', async () => {
    const { cluster, probe, route, consumer } = await bench()
    const first = cluster.grant()
    first.onDrained = () => {
      throw new Error('a bug in the service')
    }
    first.end()
    await settle(5)
    expect(route.errors.map(({ error }) => String(error))).toEqual(['Error: a bug in the service'])
    cluster.grant()
    await settle(5)
    expect(probe.alive).toHaveLength(1)
    await consumer.quiesce()
    await consumer.close(false)
    expect(probe.alive).toHaveLength(0)
  })
})
