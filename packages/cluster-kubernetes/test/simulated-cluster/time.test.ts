import { SkewedClock } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import type { LeaseObject } from '../../src/objects.ts'
import { outcome, recorded } from '../support/recorded.ts'
import { lease, Stage } from './stage.ts'

describe('a member of the simulated server', () => {
  it('hears nothing while its clock is frozen, and all of it in order once it thaws', async () => {
    const { clock, cluster, api } = new Stage()
    const { lines } = recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener))
    await clock.advance(10)
    const write = outcome(api.createLease(lease('a')))
    api.clock.freeze()
    await clock.advance(10)
    cluster.tamper('a', undefined)
    await clock.advance(60_000)
    expect([write.state, lines]).toEqual(['pending', ['opened']])
    api.clock.thaw()
    await clock.advance(0)
    expect([write.state, lines]).toEqual(['resolved', ['opened', 'ADDED a', 'DELETED a', 'BOOKMARK']])
  })

  it('sends nothing while its clock is frozen', async () => {
    const { clock, cluster, api } = new Stage()
    api.clock.freeze()
    const write = outcome(api.createLease(lease('a')))
    const { lines } = recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener))
    await clock.advance(1_000)
    expect([cluster.leases(), cluster.requests.count()]).toEqual([[], 0])
    api.clock.thaw()
    await clock.advance(10)
    expect([write.state, lines]).toEqual(['resolved', ['opened', 'ADDED a']])
  })

  it('that is killed says and hears nothing for ever', async () => {
    const { clock, cluster, api } = new Stage()
    const { lines } = recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener))
    await clock.advance(10)
    const write = outcome(api.createLease(lease('a')))
    api.kill()
    const late = outcome(api.readLease('a'))
    await clock.advance(600_000)
    cluster.faults.refuse = true
    await clock.advance(10)
    expect([write.state, late.state, lines]).toEqual(['pending', 'pending', ['opened']])
  })

  it('gives a request up after its time-out, by its own clock', async () => {
    const { clock, cluster } = new Stage()
    const fast = cluster.api({ connectionTimeoutMs: 1_000, clock: { rate: 2 } })
    const own = new SkewedClock(clock)
    const plain = cluster.api({ connectionTimeoutMs: 1_000, clock: own })
    expect(plain.clock).toBe(own)
    cluster.faults.cutOff = true
    const [one, two] = [outcome(fast.readLease('a')), outcome(plain.readLease('a'))]
    await clock.advance(499)
    expect([one.state, two.state]).toEqual(['pending', 'pending'])
    await clock.advance(1)
    expect([one.failure, two.state]).toEqual(['ETIMEDOUT', 'pending'])
    await clock.advance(500)
    expect(two.failure).toBe('ETIMEDOUT')
  })

  it('that closes its connection gives up what is under way, and whatever comes later', async () => {
    const { clock, cluster, api } = new Stage()
    const { lines } = recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener))
    await clock.advance(10)
    const early = outcome(api.createLease(lease('a')))
    api.close()
    const late = outcome(api.readLease('a'))
    const lateWatch = recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener)).lines
    expect(lateWatch).toEqual([])
    await clock.advance(10)
    expect([early.failure, late.failure, lines]).toEqual(['ECONNABORTED', 'ECONNABORTED', ['opened']])
    expect(lateWatch).toEqual(['closed ECONNABORTED'])
    expect([cluster.lease('a') !== undefined, cluster.openWatches]).toEqual([true, 0])
  })

  it('leaves no timer behind that ran for nothing', async () => {
    const { clock, cluster, api } = new Stage()
    await Promise.all([api.createLease(lease('a')), clock.advance(10)])
    api.watchLeases({ name: 'a' }, { opened() {}, event() {}, closed() {} }).close()
    await clock.advance(10)
    expect([clock.pending, cluster.openWatches]).toEqual([0, 0])
  })
})
