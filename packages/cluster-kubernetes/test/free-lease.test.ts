import { describe, expect, it } from 'vitest'
import type { LeaseObject, LeaseSpec } from '../src/objects.ts'
import { Stage } from './support/stage.ts'

const LEASE_MS = 15_000

const withSpec = (spec: LeaseSpec) => (lease: LeaseObject) => ({ ...lease, spec: { ...lease.spec, ...spec } })
const withNotes = (notes: Readonly<Record<string, string>>) => (lease: LeaseObject) => ({
  ...lease,
  metadata: { ...lease.metadata, annotations: { ...lease.metadata.annotations, ...notes } },
})

describe('after etcd was restored from a backup, under a leader that is cut off', () => {
  it('in which the Lease was free, nobody who knew the leader takes it before its lease is over', async () => {
    const stage = new Stage()
    await stage.stop(await stage.leader())
    const backup = stage.cluster.backup()
    const leader = await stage.leader({ drains: false })
    const next = await stage.follower()
    await stage.renewed(100)
    leader.api.faults.cutOff = true
    stage.cluster.restore(backup)
    await stage.pass(14_000)
    expect([leader.newest?.isValid(), next.leads]).toEqual([true, false])
    await stage.until('the other one leads', () => next.leads, 5_000)
    expect(next.term).toBeGreaterThan(leader.term ?? 0n)
  })

  it('of the very same term, its time begins anew', async () => {
    const stage = new Stage()
    const leader = await stage.leader({ drains: false })
    const next = await stage.follower()
    const backup = stage.cluster.backup()
    await stage.pass(60_000)
    await stage.renewed(100)
    leader.api.faults.cutOff = true
    await stage.pass(8_000)
    stage.cluster.restore(backup)
    const took = await stage.until('the other one leads', () => next.leads, 20_000)
    expect(took).toBeGreaterThanOrEqual(LEASE_MS - 100)
    expect(took).toBeLessThanOrEqual(LEASE_MS + 3_000)
  })
})

describe('a Lease without a holder', () => {
  it('that was made beforehand and never held is taken at once', async () => {
    const stage = new Stage()
    stage.cluster.tamper('dromedary-ns', { metadata: { name: 'dromedary-ns', labels: { made: 'by-helm' } }, spec: {} })
    const member = await stage.member()
    member.compete()
    await stage.until('it leads', () => member.leads, 500)
    expect(stage.lease?.metadata.labels).toMatchObject({ made: 'by-helm' })
    expect(stage.cluster.requests.count({ verb: 'create', resource: 'leases' })).toBe(0)
  })

  it('that was emptied before a member came is taken after a lease: somebody may still be valid', async () => {
    const stage = new Stage()
    const gone = await stage.leader()
    gone.kill()
    stage.tamper(withSpec({ holderIdentity: '' }))
    const member = await stage.member()
    member.compete()
    const took = await stage.until('it leads', () => member.leads, 2 * LEASE_MS)
    expect(took).toBeGreaterThanOrEqual(LEASE_MS - 50)
    expect(took).toBeLessThanOrEqual(LEASE_MS + 500)
  })

  it('that bears the mark of another term than its own is no release', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    await stage.stop(leader)
    stage.tamper(withNotes({ 'dromedary/term': '12' }))
    const member = await stage.member()
    member.compete()
    expect(await stage.until('it leads', () => member.leads, 2 * LEASE_MS)).toBeGreaterThanOrEqual(LEASE_MS - 50)
  })

  it('that was released is taken at once by a member that comes later', async () => {
    const stage = new Stage()
    await stage.stop(await stage.leader())
    expect(stage.note('released')).toMatch(/^[0-9a-f-]{36}\/\d+$/)
    const member = await stage.member()
    member.compete()
    await stage.until('it leads', () => member.leads, 500)
    expect([stage.note('released'), stage.note('before')]).toEqual([undefined, 'released'])
  })
})
