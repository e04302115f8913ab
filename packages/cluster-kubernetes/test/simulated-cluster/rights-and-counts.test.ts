import { describe, expect, it } from 'vitest'
import type { Right } from '../../src/api.ts'
import type { LeaseObject } from '../../src/objects.ts'
import { outcome, recorded } from '../support/recorded.ts'
import { lease, Stage } from './stage.ts'

const LEASES = { group: 'coordination.k8s.io', resource: 'leases' } as const
const PODS = { group: '', resource: 'pods' } as const

/** How each call ends: ok, or the failure. */
async function tried(stage: Stage): Promise<string[]> {
  const { api, clock } = stage
  const created = await stage.created('a').catch(() => undefined)
  const stored = created ?? { ...lease('a'), metadata: { name: 'a', uid: 'x' } }
  const calls = [api.createLease(lease('c')), api.readLease('a'), api.replaceLease(stored), api.readPod('p')].map(
    outcome,
  )
  const watches = [
    recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener)).lines,
    recorded<LeaseObject>(listener => api.watchLeases({ label: 'app' }, listener)).lines,
    recorded(listener => api.watchPod('p', listener)).lines,
  ]
  await clock.advance(10)
  return [...calls.map(call => call.failure ?? 'ok'), ...watches.map(lines => lines[0] ?? '')]
}

describe('a right on the simulated server', () => {
  it('is there by default', async () => {
    const stage = new Stage()
    expect(await tried(stage)).toEqual(['ok', 'ok', 'ok', 'ok', 'opened', 'opened', 'opened'])
    expect(await stage.answer(stage.api.may({ verb: 'update', ...LEASES, name: 'a' }))).toBe(true)
    expect(await stage.answer(stage.api.may({ verb: 'watch', ...PODS }))).toBe(true)
  })

  it('that is missing makes calls and watches fail with 403, and the review say so', async () => {
    const stage = new Stage()
    stage.api.rights.granted = []
    const no = '403 Forbidden'
    expect(await tried(stage)).toEqual([no, no, no, no, `closed ${no}`, `closed ${no}`, `closed ${no}`])
    expect(await stage.answer(stage.api.may({ verb: 'get', ...LEASES }))).toBe(false)
    expect(stage.cluster.leases()).toEqual([])
  })

  it('on one name does not cover another, all of them, or creating', async () => {
    const stage = new Stage()
    stage.cluster.tamper('a', lease('a'))
    const rights: Right[] = (['get', 'create', 'update', 'watch'] as const).map(verb => ({
      verb,
      ...LEASES,
      name: 'a',
    }))
    stage.api.rights.granted = rights
    const no = '403 Forbidden'
    expect(await tried(stage)).toEqual([no, 'ok', 'ok', no, 'opened', `closed ${no}`, `closed ${no}`])
    stage.cluster.tamper('a', undefined)
    await expect(stage.created('a')).rejects.toMatchObject({ status: 403 })
    for (const [right, allowed] of [
      [{ verb: 'watch', ...LEASES, name: 'a' }, true],
      [{ verb: 'watch', ...LEASES, name: 'b' }, false],
      [{ verb: 'watch', ...LEASES }, false],
    ] as const) {
      expect(await stage.answer(stage.api.may(right))).toBe(allowed)
    }
  })

  it('is one member’s, taken and given at any time; an open watch stays open', async () => {
    const stage = new Stage()
    const { api, clock, cluster } = stage
    const other = cluster.api()
    const { lines } = recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener))
    await clock.advance(10)
    api.rights.revoke({ resource: 'leases' })
    await stage.answer(other.createLease(lease('a')))
    expect(lines).toEqual(['opened', 'ADDED a'])
    await expect(stage.answer(api.readLease('a'))).rejects.toMatchObject({ status: 403, reason: 'Forbidden' })
    expect(await stage.answer(api.readPod('p'))).toBeUndefined()
    api.rights.grant({ verb: 'get', ...LEASES })
    expect(await stage.answer(api.readLease('a'))).toBeDefined()
  })
})

describe('the request log of the simulated server', () => {
  it('counts each request that arrived, by member, verb, resource and name, a watch once', async () => {
    const { clock, cluster, api } = new Stage()
    const other = cluster.api({ member: 'other' })
    const silent = { opened() {}, event() {}, closed() {} }
    void api.createLease(lease('a'))
    void api.readLease('a')
    void other.readLease('b')
    api.watchLeases({ name: 'a' }, silent)
    other.watchPod('p', silent)
    void other.may({ verb: 'get', ...PODS })
    expect(cluster.requests.count()).toBe(0)
    await clock.advance(600_000)
    expect(cluster.requests.kinds()).toEqual({
      'create leases': 1,
      'get leases': 2,
      'watch leases': 1,
      'watch pods': 1,
      'review selfsubjectaccessreviews': 1,
    })
    expect(cluster.requests.count({ member: 'other' })).toBe(3)
    expect(cluster.requests.count({ verb: 'get', name: 'b' })).toBe(1)
    cluster.requests.reset()
    expect(cluster.requests.entries).toEqual([])
  })

  it('counts what was refused, and not what never arrived', async () => {
    const { clock, cluster, api } = new Stage()
    const tried = () => outcome(api.readLease('a'))
    api.rights.granted = []
    tried()
    await clock.advance(10)
    cluster.faults.status = 500
    tried()
    await clock.advance(10)
    expect(cluster.requests.count()).toBe(2)
    cluster.faults.refuse = true
    tried()
    cluster.faults.heal()
    api.faults.cutOff = true
    tried()
    await clock.advance(10_000)
    expect(cluster.requests.count()).toBe(2)
  })
})
