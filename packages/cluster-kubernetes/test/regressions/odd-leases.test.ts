import { describe, expect, it } from 'vitest'
import type { LeaseObject } from '../../src/objects.ts'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete, wrapped } from '../support/wrapped.ts'

const LEASE = 'dromedary-ns'

function without(lease: LeaseObject): LeaseObject {
  const { annotations: _, ...metadata } = lease.metadata
  return { ...lease, metadata }
}

describe('more', () => {
  it('notes that an admission webhook takes away: no leadership that is never renewed', async () => {
    const fx = kubernetesFixture()
    const a = fx.member({
      connect: async () => {
        const api = fx.apiOf(a)
        return wrapped(api, {
          createLease: lease => api.createLease(without(lease)),
          replaceLease: lease => api.replaceLease(without(lease)),
        })
      },
    })
    await a.start()
    const as = compete(a)
    await fx.advance(120_000)
    let health = ''
    a.observe('ns').subscribe(state => {
      health = state.health.status
    })
    // Either it leads and renews, or health says why it cannot.
    expect(as.length === 1 || health !== 'up').toBe(true)
  })

  it('a leader that is stopped while its acquiring write is under way lets go', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    fx.apiOf(a).faults.answerDelayMs = 2_900
    await a.start()
    compete(a)
    await fx.advance(3_000)
    expect(fx.cluster.lease(LEASE)?.spec?.holderIdentity).toMatch(/^pod-1/)
    fx.apiOf(a).faults.answerDelayMs = 0
    fx.apiOf(a).faults.status = 503
    const stopped = a.stop()
    await b.start()
    const bs = compete(b)
    await fx.advance(3_000)
    fx.apiOf(a).faults.heal()
    await fx.advance(6_000)
    await stopped
    expect(bs.at(-1)?.isValid()).toBe(true)
  })

  it('a Lease whose leaseTransitions is the largest int32 can still be taken', async () => {
    const fx = kubernetesFixture()
    fx.cluster.tamper(LEASE, { metadata: { name: LEASE }, spec: { leaseTransitions: 2 ** 31 - 1 } })
    const a = fx.member()
    await a.start()
    const as = compete(a)
    await fx.advance(60_000)
    expect(as.length).toBe(1)
  })

  it('a refused Lease (Camel) is read a few times a minute only', async () => {
    const fx = kubernetesFixture()
    fx.cluster.tamper(LEASE, {
      metadata: { name: LEASE, labels: { provider: 'camel' } },
      spec: { holderIdentity: 'x', leaseDurationSeconds: 15 },
    })
    const a = fx.member()
    await a.start()
    compete(a)
    await fx.advance(60_000)
    fx.cluster.requests.reset()
    await fx.advance(60_000)
    expect(fx.cluster.requests.count({ verb: 'get', resource: 'leases' })).toBeLessThan(5)
  })
})
