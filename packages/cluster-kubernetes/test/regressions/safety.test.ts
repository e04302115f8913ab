import { describe, expect, it } from 'vitest'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete, must } from '../support/wrapped.ts'

const LEASE = 'dromedary-ns'

describe('safety', () => {
  it('a pod that only has the same name proves nothing about this process (Leases in another namespace; spec.hostname; HOSTNAME cut at 63)', async () => {
    const fx = kubernetesFixture()
    // pod-1 in the namespace of the Leases is somebody else's: this member runs in a pod-1 of another namespace.
    const a = fx.member({ podUid: 'of-a-pod-in-another-namespace' })
    const b = fx.member()
    await a.start()
    const as = compete(a)
    await fx.advance(1_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(60_000)
    expect(as.at(-1)?.isValid()).toBe(true)
    // The *other* pod-1 restarts, while this member's line to the server is bad for a moment (watch events late, no more).
    fx.apiOf(a).faults.silentWatches = true
    await fx.advance(100)
    fx.cluster.pods.terminated('pod-1')
    await fx.advance(500)
    const valid = [as, bs].filter(all => all.some(l => l.isValid())).length
    expect(valid).toBe(1)
  })

  it('an acquisition that is known to be overwritten when its answer comes grants nothing', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const api = fx.apiOf(a)
    api.faults.answerDelayMs = 0
    await a.start()
    await fx.advance(1_000)
    api.faults.answerDelayMs = 1_000
    const as = compete(a)
    await fx.advance(1_500)
    const lease = fx.cluster.lease(LEASE)
    expect(lease?.spec?.holderIdentity).toMatch(/^pod-1_/)
    expect(as).toEqual([])
    // A foreign client takes it; the watch tells at once.
    fx.cluster.tamper(LEASE, { ...must(lease), spec: { ...must(lease).spec, holderIdentity: 'somebody-else' } })
    await fx.advance(100)
    let seen = ''
    a.observe('ns').subscribe(state => {
      seen = String(state.leader?.id)
    })
    expect(seen).toBe('somebody-else')
    await fx.advance(1_000)
    expect(as.map(l => l.isValid())).toEqual([])
  })

  it('a term that somebody wrote with 30 digits poisons nothing: terms are not reused, the leader renews', async () => {
    const fx = kubernetesFixture()
    const terms: bigint[] = []
    const a = fx.member({ onLease: e => void (e.type === 'granted' && terms.push(e.term)) })
    await a.start()
    const as = compete(a)
    await fx.advance(5_000)
    const lease = must(fx.cluster.lease(LEASE))
    const annotations = { ...lease.metadata.annotations, 'dromedary/term': '9'.repeat(30) }
    fx.cluster.tamper(LEASE, { ...lease, metadata: { ...lease.metadata, annotations } })
    await fx.advance(180_000)
    expect(terms.length).toBe(new Set(terms).size)
    expect(as.length).toBeLessThan(4)
  })

  it('ADR 8 (3): a version number that came back after a restore is noticed before the Lease is taken by expiry', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const f = fx.member()
    await a.start()
    const as = compete(a)
    await fx.advance(1_000)
    await f.start()
    const fs = compete(f)
    await fx.advance(500)
    const backup = fx.cluster.backup()
    await fx.advance(10_000)
    const seen = must(fx.cluster.lease(LEASE)).metadata.resourceVersion
    fx.apiOf(f).faults.cutOff = true
    fx.kill?.(a)
    fx.cluster.restore(backup)
    // Nobody leads; the next one to do so has seen a's Lease, waits, and leads under a term of its own.
    const g = fx.member({ leaseDuration: 60_000, renewDeadline: 40_000, retryPeriod: 20_000, connectionTimeout: 3_000 })
    await g.start()
    const gs = compete(g)
    while (!(gs.at(-1)?.isValid() && fx.cluster.lease(LEASE)?.metadata.resourceVersion === seen)) {
      await fx.advance(50)
      if (Number(fx.cluster.lease(LEASE)?.metadata.resourceVersion) > Number(seen)) throw new Error('missed it')
      expect(as.some(l => l.isValid()) && gs.some(l => l.isValid())).toBe(false)
    }
    expect(fx.cluster.lease(LEASE)?.spec?.holderIdentity).toMatch(/^pod-3/)
    // g's watch is slow, no more.
    fx.apiOf(g).faults.silentWatches = true
    fx.apiOf(f).faults.heal()
    for (let at = 0; at < 100; at++) {
      await fx.advance(100)
      expect([fs, gs].filter(all => all.some(l => l.isValid())).length).toBe(1)
    }
  })
})
