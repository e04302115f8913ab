import { describe, expect, it } from 'vitest'
import type { LeaseObject } from '../../src/objects.ts'
import { kubernetesFixture } from '../support/fixture.ts'
import { Stage } from '../support/stage.ts'
import { compete, must, wrapped } from '../support/wrapped.ts'

const LEASE = 'dromedary-ns'

describe('outlook', () => {
  it('a holder that overwrites holderIdentity alone is seen by followers', async () => {
    const stage = new Stage()
    const a = await stage.leader()
    const b = await stage.follower()
    a.kill()
    stage.tamper(lease => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'somebody-else' } }))
    await stage.pass(3_000)
    expect(b.state?.leader?.id).toBe('somebody-else')
  })

  it('one client-go holder after another', async () => {
    const stage = new Stage()
    const put = (holder: string) =>
      stage.cluster.tamper(LEASE, {
        metadata: { name: LEASE },
        spec: {
          holderIdentity: holder,
          leaseDurationSeconds: 15,
          renewTime: new Date(stage.clock.now()).toISOString().replace('Z', '000Z'),
        },
      })
    put('x')
    const b = await stage.follower()
    await stage.pass(3_000)
    put('y')
    await stage.pass(5_000)
    expect(b.state?.leader?.id).toBe('y')
  })

  it('who observes again after a while sees who leads now (several namespaces: one common watch)', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const c = fx.member()
    await a.start()
    await c.start()
    compete(a, 'one')
    let seen: string | undefined = ''
    const two = c.observe('two').subscribe(() => {})
    const one = c.observe('one').subscribe(state => {
      seen = state.leader?.id
    })
    await fx.advance(23_000)
    expect(seen).toBe(a.self.id)
    // Read just now.
    fx.cluster.requests.reset()
    while (fx.cluster.requests.count({ member: 'pod-2', verb: 'get', name: 'dromedary-one' }) === 0)
      await fx.advance(50)
    await fx.advance(50)
    one.unsubscribe()
    // A round sees that nobody looks on.
    c.observe('one')
      .subscribe(() => {})
      .unsubscribe()
    await fx.advance(100)
    await Promise.all([a.stop(), fx.advance(100)])
    c.observe('one').subscribe(state => {
      seen = state.leader?.id
    })
    let took = 0
    while (seen !== undefined && took < 60_000) {
      await fx.advance(50)
      took += 50
    }
    two.unsubscribe()
    expect(took).toBeLessThan(1_000)
  })

  it('the same after idle', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    await a.start()
    compete(a)
    await fx.advance(60_000)
    expect(must(fx.cluster.lease(LEASE)).metadata.annotations?.['dromedary/container-id']).toBeDefined()
    await b.start()
    const campaign = b.campaign('ns', { participant: 'r' })
    await fx.advance(5_000)
    // Just after a renewal.
    const version = () => must(fx.cluster.lease(LEASE)).metadata.resourceVersion
    const before = version()
    while (version() === before) await fx.advance(10)
    await fx.advance(50)
    await campaign[Symbol.asyncDispose]()
    await fx.advance(50)
    fx.kill?.(a)
    await fx.advance(500)
    fx.cluster.pods.terminated('pod-1')
    await fx.advance(500)
    const bs = compete(b)
    let took = 0
    while (!bs.at(-1)?.isValid() && took < 30_000) {
      await fx.advance(50)
      took += 50
    }
    expect(took).toBeLessThan(1_000)
  })

  it('a Lease of Camel is used a lease after its label was taken away', async () => {
    const fx = kubernetesFixture()
    const lease: LeaseObject = {
      metadata: { name: LEASE, labels: { provider: 'camel' } },
      spec: { holderIdentity: 'x', leaseDurationSeconds: 15 },
    }
    fx.cluster.tamper(LEASE, lease)
    const a = fx.member()
    await a.start()
    const as = compete(a)
    await fx.advance(23_000)
    fx.cluster.requests.reset()
    while (fx.cluster.requests.count({ verb: 'get', resource: 'leases' }) === 0) await fx.advance(50)
    await fx.advance(50)
    let health = ''
    a.observe('ns').subscribe(s => {
      health = s.health.status
    })
    await fx.advance(50)
    fx.cluster.tamper(LEASE, { ...lease, metadata: { name: LEASE, labels: {} } })
    let took = 0
    let healthy = -1
    while (!as.at(-1)?.isValid() && took < 60_000) {
      await fx.advance(50)
      took += 50
      if (healthy < 0 && health === 'up') healthy = took
    }
    expect(healthy).toBeLessThan(1_000)
    expect(took).toBeLessThan(16_000)
  })

  it('the second race that is lost, days after the first, with a watch that is silent', async () => {
    const fx = kubernetesFixture()
    const note = (holder: string, term: bigint, released: boolean): LeaseObject => ({
      metadata: {
        name: LEASE,
        annotations: {
          'dromedary/term': String(term),
          'dromedary/incarnation': holder,
          'dromedary/pod': 'elsewhere',
          ...(released && { 'dromedary/released': `${holder}/${term}` }),
        },
      },
      spec: {
        holderIdentity: released ? '' : `elsewhere_${holder}`,
        leaseDurationSeconds: 15,
        renewTime: new Date(fx.clock.now()).toISOString().replace('Z', '000Z'),
      },
    })
    let term = BigInt(fx.clock.now())
    fx.cluster.tamper(LEASE, note('x', term, false))
    let faster: string | undefined
    let diedAt = 0
    const c = fx.member({
      connect: async () =>
        wrapped(fx.apiOf(c), {
          replaceLease: lease => {
            if (faster !== undefined) {
              fx.cluster.tamper(LEASE, note(faster, ++term, false))
              faster = undefined
              diedAt = fx.clock.monotonic()
            }
            return fx.apiOf(c).replaceLease(lease)
          },
        }),
    })
    fx.apiOf(c).faults.silentWatches = true
    await c.start()
    const cs = compete(c)
    const renewing = async (holder: string, ms: number) => {
      for (let at = 0; at < ms; at += 2_000) {
        fx.cluster.tamper(LEASE, note(holder, term, false))
        await fx.advance(2_000)
      }
    }
    await renewing('x', 20_000)
    faster = 'y'
    fx.cluster.tamper(LEASE, note('x', term, true))
    while (faster) await fx.advance(50)
    await renewing('y', 100_000)
    faster = 'z'
    fx.cluster.tamper(LEASE, note('y', term, true))
    while (faster) await fx.advance(50)
    // z dies at once.
    while (!cs.at(-1)?.isValid() && fx.clock.monotonic() - diedAt < 60_000) await fx.advance(50)
    const took = fx.clock.monotonic() - diedAt
    expect(took).toBeLessThan(fx.timing.takeoverMs)
  })
})
