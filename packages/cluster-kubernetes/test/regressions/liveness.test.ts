import type { Leadership } from '@dromedary/core/cluster'
import { describe, expect, it } from 'vitest'
import type { KubernetesApi, WatchListener } from '../../src/api.ts'
import type { LeaseObject } from '../../src/objects.ts'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete, must, wrapped } from '../support/wrapped.ts'

const LEASE = 'dromedary-ns'

/** The first ADDED of a new watch comes from the API server's watch cache, which may lag: `stale()` gives what it had. */
function laggingCache(api: KubernetesApi, stale: () => LeaseObject | undefined): KubernetesApi {
  return wrapped(api, {
    watchLeases: (selector, listener) => {
      const old = stale()
      if (!old) return api.watchLeases(selector, listener)
      let first = true
      const lagging: WatchListener<LeaseObject> = {
        opened: () => listener.opened(),
        closed: failure => listener.closed(failure),
        event: (type, object) => {
          // A cache that lags tells the old state first, then each change up to now, in order.
          if (first && type === 'ADDED') {
            first = false
            listener.event('ADDED', old)
            return listener.event('MODIFIED', object)
          }
          listener.event(type, object)
        },
      }
      return api.watchLeases(selector, lagging)
    },
  })
}

describe('a watch without resourceVersion is served from the watch cache, and may begin with an older state', () => {
  it('the leader does not give up its term for a state of before its own acquisition', async () => {
    const fx = kubernetesFixture()
    let stale: LeaseObject | undefined
    const a = fx.member({ connect: async () => laggingCache(fx.apiOf(a), () => stale) })
    const b = fx.member()
    await b.start()
    const bs = compete(b)
    await fx.advance(5_000)
    await a.start()
    const as = compete(a)
    await fx.advance(5_000)
    bs.at(-1)?.resign('move')
    await fx.advance(1)
    // What a lagging replica still has: the Lease as b left it.
    await fx.advance(500)
    expect(as.at(-1)?.isValid()).toBe(true)
    const mine = must(fx.cluster.lease(LEASE))
    stale = {
      ...mine,
      metadata: {
        ...mine.metadata,
        resourceVersion: String(Number(mine.metadata.resourceVersion) - 1),
        annotations: {
          ...mine.metadata.annotations,
          'dromedary/term': String(bs.at(-1)?.term),
          'dromedary/released': `x/${bs.at(-1)?.term}`,
          'dromedary/incarnation': 'x',
        },
      },
      spec: { ...mine.spec, holderIdentity: '' },
    }
    // The server ends the watch (a replica restarts); the next connection reaches one that lags.
    fx.apiOf(a).faults.status = 503
    fx.apiOf(a).faults.heal()
    await fx.advance(4_000)
    stale = undefined
    expect(as.at(-1)?.closing.reason).toBe(undefined)
    expect(as.at(-1)?.isValid()).toBe(true)
  })

  it('a follower takes over at once after a release, also if its newest watch began with an older state', async () => {
    const fx = kubernetesFixture()
    let stale: LeaseObject | undefined
    const a = fx.member()
    const b = fx.member({ connect: async () => laggingCache(fx.apiOf(b), () => stale) })
    await a.start()
    const as = compete(a)
    await fx.advance(5_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(5_000)
    stale = must(fx.cluster.lease(LEASE))
    await fx.advance(2_100)
    expect(must(fx.cluster.lease(LEASE)).metadata.resourceVersion).not.toBe(stale.metadata.resourceVersion)
    fx.apiOf(b).faults.status = 503
    fx.apiOf(b).faults.heal()
    await fx.advance(3_000)
    stale = undefined
    as.at(-1)?.resign('move')
    await fx.advance(fx.timing.handoverMs)
    expect(bs.at(-1)?.isValid()).toBe(true)
  })
})

describe('a stale first event, and a dead leader', () => {
  it('a follower leads within lease + 2 retry periods + 1 s, also if its watch is opened anew meanwhile and begins with an older state', async () => {
    const fx = kubernetesFixture()
    let stale: LeaseObject | undefined
    const a = fx.member()
    const b = fx.member({ connect: async () => laggingCache(fx.apiOf(b), () => stale) })
    await a.start()
    compete(a)
    await fx.advance(5_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(5_000)
    stale = must(fx.cluster.lease(LEASE))
    await fx.advance(2_100)
    fx.kill?.(a)
    await fx.advance(8_000)
    // The leader's node was one of the control plane: watches break, and another replica answers.
    fx.apiOf(b).faults.status = 503
    fx.apiOf(b).faults.heal()
    await fx.advance(fx.timing.takeoverMs - 8_000)
    expect(bs.at(-1)?.isValid()).toBe(true)
  })
})

describe('lost releases', () => {
  it('one failed release does not cost a whole lease', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    await a.start()
    compete(a)
    await fx.advance(1_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(20_000)
    // The API server restarts: half a second of 503.
    fx.apiOf(a).faults.status = 503
    const stopped = a.stop()
    await fx.advance(500)
    fx.apiOf(a).faults.heal()
    await fx.advance(4_000)
    expect(bs.at(-1)?.isValid()).toBe(true)
    await fx.advance(20_000)
    await stopped
  })

  it('who resigned is not the next leader because its release got lost', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    await a.start()
    const as = compete(a)
    await fx.advance(1_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(20_000)
    fx.apiOf(a).faults.status = 503
    as.at(-1)?.resign('the delegate cannot start')
    await fx.advance(500)
    fx.apiOf(a).faults.heal()
    const before = as.length
    await fx.advance(14_000)
    expect(as.length).toBe(before)
    expect(bs.at(-1)?.isValid()).toBe(true)
  })

  it('a long reason of a resignation does not cost the release', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    await a.start()
    const as = compete(a)
    await fx.advance(1_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(20_000)
    as.at(-1)?.resign('x'.repeat(300_000))
    await fx.advance(fx.timing.handoverMs)
    expect(bs.at(-1)?.isValid()).toBe(true)
  })
})

describe('settings', () => {
  it('a resource name that is no label value is refused, or works', async () => {
    const fx = kubernetesFixture()
    let refused = false
    let as: Leadership[] = []
    try {
      const a = fx.member({ resourceName: 'r'.repeat(64) })
      await a.start()
      as = compete(a)
      await fx.advance(60_000)
    } catch {
      refused = true
    }
    expect(refused || as.length > 0).toBe(true)
  })

  it('with settings that are accepted one request that hangs does not cost a healthy leader its term', async () => {
    const fx = kubernetesFixture()
    let hang = false
    const a = fx.member({
      connectionTimeout: 6_900,
      connect: async () =>
        wrapped(fx.apiOf(a), {
          replaceLease: lease => {
            if (!hang) return fx.apiOf(a).replaceLease(lease)
            hang = false
            return new Promise((_, reject) => {
              fx.apiOf(a).clock.setTimeout(() => reject(new Error('ETIMEDOUT')), 6_900)
            })
          },
        }),
    })
    await a.start()
    const as = compete(a)
    await fx.advance(5_000)
    hang = true
    await fx.advance(20_000)
    expect(as.map(l => l.closing.reason)).toEqual([undefined])
  })
})
