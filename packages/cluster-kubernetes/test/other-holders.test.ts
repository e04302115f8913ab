import { describe, expect, it } from 'vitest'
import type { LeaseObject, LeaseSpec } from '../src/objects.ts'
import { type MemberOptions, Stage } from './support/stage.ts'

const LEASE_MS = 15_000

/** As client-go writes it: no annotation, and times of a clock that runs. */
function clientGo(stage: Stage, spec: LeaseSpec = {}, metadata: Partial<LeaseObject['metadata']> = {}): void {
  const time = new Date(stage.clock.now()).toISOString().replace('Z', '000Z')
  stage.cluster.tamper('dromedary-ns', {
    metadata: { name: 'dromedary-ns', ...metadata },
    spec: {
      holderIdentity: 'controller-7d9_0b1f',
      leaseDurationSeconds: 15,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 4,
      ...spec,
    },
  })
}

async function member(stage: Stage, options: MemberOptions = {}) {
  const one = await stage.member(options)
  one.compete()
  return one
}

describe("a holder of client-go's, without a note of ours", () => {
  it('is waited for while it renews, and taken over when its lease expires', async () => {
    const stage = new Stage()
    clientGo(stage)
    const one = await member(stage)
    for (let renewals = 0; renewals < 20; renewals++) {
      await stage.pass(2_000)
      clientGo(stage)
    }
    expect([one.leaderships, one.state?.leader?.id]).toEqual([[], 'controller-7d9_0b1f'])
    const took = await stage.until('it leads', () => one.leads, 2 * LEASE_MS)
    expect(took).toBeGreaterThanOrEqual(LEASE_MS)
    expect(took).toBeLessThanOrEqual(LEASE_MS + 500)
    expect(stage.lease?.spec?.leaseTransitions).toBe(5)
    expect(one.term).toBeGreaterThan(1_767_000_000_000n)
  })

  it("takes a member's Lease only by force, and then the member has lost", async () => {
    const stage = new Stage()
    const one = await stage.leader()
    clientGo(stage)
    await stage.until('it has lost', () => !one.newest?.isValid(), 10)
    expect(one.newest?.ended.reason).toBe('taken')
  })

  it('whose Lease is emptied by hand, times and all, may still be valid: a lease is waited', async () => {
    const stage = new Stage()
    clientGo(stage)
    const one = await member(stage)
    await stage.pass(3_000)
    stage.tamper(lease => ({ ...lease, spec: {} }))
    const took = await stage.until('it leads', () => one.leads, 2 * LEASE_MS)
    expect(took).toBeGreaterThanOrEqual(LEASE_MS - 50)
    expect(took).toBeLessThanOrEqual(LEASE_MS + 500)
  })

  it.each<readonly [string, LeaseSpec['leaseDurationSeconds']]>([
    ['no duration', null],
    ['a duration of 0, which the server refuses', 0],
    ['a negative one, which the server refuses', -5],
    ['the longest one that there is', 2 ** 31 - 1],
    ['more than an hour', 3_601],
  ])("is waited for as long as the member's own lease, if it says %s", async (_, leaseDurationSeconds) => {
    const stage = new Stage()
    clientGo(stage, { leaseDurationSeconds: leaseDurationSeconds ?? null })
    const one = await member(stage)
    const took = await stage.until('it leads', () => one.leads, 2 * LEASE_MS)
    expect(took).toBeGreaterThanOrEqual(LEASE_MS - 50)
    expect(took).toBeLessThanOrEqual(LEASE_MS + 500)
  })

  it.each([
    ['longer', 60, 60_000],
    ['an hour', 3_600, 3_600_000],
    ['shorter', 5, LEASE_MS],
  ])("whose lease is %s: the longer one of its own and the member's counts", async (_, seconds, ms) => {
    const stage = new Stage()
    clientGo(stage, { leaseDurationSeconds: seconds })
    const one = await member(stage)
    stage.stepMs = 100
    const took = await stage.until('it leads', () => one.leads, ms + LEASE_MS)
    expect(took).toBeGreaterThanOrEqual(ms - 200)
    expect(took).toBeLessThanOrEqual(ms + 500)
  })
})

describe('members with different leases', () => {
  const LONG: MemberOptions = { leaseDuration: 30_000, renewDeadline: 20_000, retryPeriod: 2_000 }

  it('a short one waits for what the long one was promised', async () => {
    const stage = new Stage()
    const long = await stage.leader(LONG)
    const short = await stage.follower()
    await stage.renewed(100)
    long.api.faults.cutOff = true
    const last = Date.parse(stage.lease?.spec?.renewTime ?? '')
    await stage.until('the other one leads', () => short.leads, 40_000)
    expect(stage.clock.now() - last).toBeGreaterThanOrEqual(30_000)
    expect(stage.clock.now() - last).toBeLessThanOrEqual(30_500)
  })

  it('a long one waits as long as its own', async () => {
    const stage = new Stage()
    const short = await stage.leader()
    const long = await stage.follower(LONG)
    await stage.renewed(100)
    short.kill()
    const took = await stage.until('the other one leads', () => long.leads, 40_000)
    expect(took).toBeGreaterThanOrEqual(29_000)
    expect(took).toBeLessThanOrEqual(30_500)
    expect(stage.lease?.spec?.leaseDurationSeconds).toBe(30)
  })
})

describe("a Lease of Camel's", () => {
  const camels = (stage: Stage, spec: LeaseSpec = {}) => clientGo(stage, spec, { labels: { provider: 'camel' } })

  it.each<readonly [string, LeaseSpec]>([
    ['held', {}],
    ['free', { holderIdentity: '' }],
  ])('is refused in health and never written, %s', async (_, spec) => {
    const stage = new Stage()
    camels(stage, spec)
    const version = stage.lease?.metadata.resourceVersion
    const one = await member(stage)
    await stage.pass(120_000)
    expect(stage.lease?.metadata.resourceVersion).toBe(version)
    expect(stage.cluster.requests.count({ verb: 'update' }) + stage.cluster.requests.count({ verb: 'create' })).toBe(0)
    expect(one.leaderships).toEqual([])
    expect(one.state?.health.status).toBe('down')
    expect(one.state?.health.error?.message).toMatch(
      /belongs to Camel .*choose another cluster.kubernetes.resource-name/,
    )
    expect(one.log.matching(/belongs to Camel/)).toHaveLength(1)
  })

  it('is used once the label is gone', async () => {
    const stage = new Stage()
    camels(stage)
    const one = await member(stage)
    await stage.pass(30_000)
    clientGo(stage)
    await stage.until('it leads', () => one.leads, LEASE_MS + 5_000)
    await stage.until('it is healthy', () => one.state?.health.status === 'up', 5_000)
    expect(one.log.matching(/works again/)).toHaveLength(1)
  })

  it('that becomes one while a member leads is left: the member has lost it', async () => {
    const stage = new Stage()
    const one = await stage.leader()
    stage.tamper(({ metadata, ...lease }) => ({
      ...lease,
      metadata: { ...metadata, labels: { ...metadata.labels, provider: 'camel' } },
      spec: { ...lease.spec, holderIdentity: 'camel-pod' },
    }))
    await stage.pass(1_000)
    const version = stage.lease?.metadata.resourceVersion
    await stage.pass(60_000)
    expect([one.leads, stage.lease?.metadata.resourceVersion]).toEqual([false, version])
    expect(one.state?.health.status).toBe('down')
  })
})

it('a Lease of another cluster namespace is refused in health, not written', async () => {
  const stage = new Stage()
  clientGo(stage, {}, { annotations: { 'dromedary/namespace': 'NS' } })
  const version = stage.lease?.metadata.resourceVersion
  const one = await member(stage)
  await stage.pass(60_000)
  expect([one.leaderships, stage.lease?.metadata.resourceVersion]).toEqual([[], version])
  expect(one.state?.health.error?.message).toMatch(/belongs to the cluster namespace NS, not to ns/)
})
