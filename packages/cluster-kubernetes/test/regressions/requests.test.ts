import type { ClusterState } from '@dromedary/core/cluster'
import { describe, expect, it } from 'vitest'
import { ApiFailure } from '../../src/api.ts'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete, must, wrapped } from '../support/wrapped.ts'

describe('requests', () => {
  it('refused watches are tried with a growing pause, up to 30 s', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    for (const m of [a, b]) fx.apiOf(m).rights.revoke({ verb: 'watch' })
    await a.start()
    compete(a)
    await fx.advance(1_000)
    await b.start()
    compete(b)
    await fx.advance(120_000)
    fx.cluster.requests.reset()
    await fx.advance(60_000)
    const leader = fx.cluster.requests.kinds({ member: 'pod-1' })
    const follower = fx.cluster.requests.kinds({ member: 'pod-2' })
    expect(leader['watch leases']).toBeLessThan(6)
    expect(follower['watch leases']).toBeLessThan(6)
    expect(follower['watch pods']).toBeLessThan(6)
  })

  it('only the right to watch pods is missing: the follower asks for it now and then', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    fx.apiOf(b).rights.revoke({ verb: 'watch', resource: 'pods' })
    await a.start()
    compete(a)
    await fx.advance(40_000)
    await b.start()
    compete(b)
    await fx.advance(120_000)
    fx.cluster.requests.reset()
    await fx.advance(60_000)
    const follower = fx.cluster.requests.kinds({ member: 'pod-2' })
    expect(follower['watch pods'] ?? 0).toBeLessThan(4)
  })

  it('many namespaces, the server refuses watches with 429: one watch is retried with a pause', async () => {
    const fx = kubernetesFixture()
    let opened = 0
    const a = fx.member({
      connect: async () =>
        wrapped(fx.apiOf(a), {
          watchLeases: (_selector, listener) => {
            opened++
            const timer = fx.clock.setTimeout(() => listener.closed(new ApiFailure('429', { status: 429 })), 5)
            return { close: () => timer.cancel() }
          },
        }),
    })
    await a.start()
    for (let at = 0; at < 30; at++) {
      compete(a, `ns-${at}`)
      await fx.advance(60)
    }
    await fx.advance(60_000)
    opened = 0
    await fx.advance(60_000)
    expect(opened).toBeLessThan(30)
  })

  it('a server that refuses SelfSubjectAccessReviews is not asked for ever', async () => {
    const fx = kubernetesFixture()
    let asked = 0
    const a = fx.member({
      connect: async () =>
        wrapped(fx.apiOf(a), {
          may: async () => {
            asked++
            throw new ApiFailure('forbidden', { status: 403, reason: 'Forbidden' })
          },
        }),
    })
    await a.start()
    for (let at = 0; at < 20; at++) compete(a, `ns-${at}`)
    await fx.advance(60_000)
    asked = 0
    await fx.advance(60_000)
    expect(asked).toBeLessThan(20)
  })

  it('several namespaces end up on one watch, also if the server was away when they began', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    fx.breakStore?.()
    await a.start()
    for (let at = 0; at < 10; at++) compete(a, `ns-${at}`)
    await fx.advance(1_000)
    fx.healStore?.()
    await fx.advance(120_000)
    expect(fx.cluster.openWatches).toBeLessThan(4)
  })

  it('a Lease without the label (a client-go holder made it) does not make the common watch restart for ever', async () => {
    const fx = kubernetesFixture()
    const now = () => `${new Date(fx.clock.now()).toISOString().replace('Z', '000Z')}`
    const renew = () =>
      fx.cluster.tamper('dromedary-foreign', {
        metadata: { name: 'dromedary-foreign' },
        spec: { holderIdentity: 'client-go', leaseDurationSeconds: 15, renewTime: now(), acquireTime: now() },
      })
    renew()
    const a = fx.member()
    await a.start()
    compete(a, 'one')
    compete(a, 'foreign')
    for (let at = 0; at < 30; at++) {
      renew()
      await fx.advance(2_000)
    }
    fx.cluster.requests.reset()
    for (let at = 0; at < 30; at++) {
      renew()
      await fx.advance(2_000)
    }
    expect(fx.cluster.requests.kinds()['watch leases'] ?? 0).toBeLessThan(3)
  })

  it('a write that conflicts again and again is not repeated ten times a second', async () => {
    const fx = kubernetesFixture()
    let puts = 0
    fx.cluster.tamper('dromedary-ns', { metadata: { name: 'dromedary-ns' }, spec: {} })
    const a = fx.member({
      connect: async () =>
        wrapped(fx.apiOf(a), {
          replaceLease: async () => {
            puts++
            return undefined
          },
        }),
    })
    await a.start()
    compete(a)
    await fx.advance(60_000)
    expect(puts).toBeLessThan(70)
  })

  it('health of a leader whose renewals all fail does not flap', async () => {
    const fx = kubernetesFixture()
    const lines: string[] = []
    const log = {
      isEnabled: () => true,
      write: (r: { level: string; message: string }) => void lines.push(`${r.level} ${r.message}`),
    }
    const a = fx.member({ log: log as never })
    await a.start()
    compete(a)
    await fx.advance(20_000)
    const states: ClusterState[] = []
    lines.length = 0
    a.observe('ns').subscribe(s => void states.push(s))
    fx.breakStore?.()
    await fx.advance(9_000)
    expect(lines.filter(l => l.includes('works again'))).toEqual([])
    expect(states.slice(2).every(s => s.health.status !== 'up')).toBe(true)
    fx.healStore?.()
  })

  it('a namespace that nobody campaigns in or observes any more costs no requests', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    await a.start()
    for (let at = 0; at < 50; at++) {
      const campaign = a.campaign(`tenant-${at}`, { participant: 'r' })
      const s = campaign.leadership.subscribe(l => l?.closing.addEventListener('abort', () => l.drained()))
      await fx.advance(100)
      void campaign[Symbol.asyncDispose]()
      await fx.advance(100)
      s.unsubscribe()
    }
    await fx.advance(60_000)
    fx.cluster.requests.reset()
    await fx.advance(60_000)
    expect(fx.cluster.requests.count()).toBeLessThan(10)
  })

  it('a leader whose label somebody takes away again and again does not write without end', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    await a.start()
    compete(a, 'one')
    compete(a, 'two')
    await fx.advance(60_000)
    fx.cluster.requests.reset()
    for (let at = 0; at < 6_000; at++) {
      const lease = must(fx.cluster.lease('dromedary-two'))
      const { labels: { 'dromedary/cluster': label, ...labels } = {}, ...metadata } = lease.metadata
      if (label) fx.cluster.tamper('dromedary-two', { ...lease, metadata: { ...metadata, labels } as never })
      await fx.advance(10)
    }
    const writes = fx.cluster.requests.count({ verb: 'update', name: 'dromedary-two' })
    // Each second one is refused, for the label was taken away meanwhile, and repeated at once.
    expect(writes).toBeLessThan(130)
  }, 60_000)

  it('who only observes is not told that it cannot lead', async () => {
    const fx = kubernetesFixture()
    const lines: string[] = []
    const log = {
      isEnabled: () => true,
      write: (r: { level: string; message: string }) => void lines.push(`${r.level} ${r.message}`),
    }
    const a = fx.member({ log: log as never })
    fx.apiOf(a).rights.revoke({ verb: 'create' })
    fx.apiOf(a).rights.revoke({ verb: 'update' })
    await a.start()
    a.observe('ns').subscribe(() => {})
    await fx.advance(10_000)
    expect(lines.filter(l => l.startsWith('warn'))).toEqual([])
  })
})
