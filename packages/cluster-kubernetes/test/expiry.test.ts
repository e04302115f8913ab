import { describe, expect, it } from 'vitest'
import type { LeaseObject } from '../src/objects.ts'
import { type Member, type MemberOptions, Stage } from './support/stage.ts'

const LEASE_MS = 15_000
const JITTERED_RETRY_MS = 2_000 * 1.2
const FAST: MemberOptions = { leaseDuration: 3_000, renewDeadline: 2_000, retryPeriod: 500 }

async function pair(options: MemberOptions = {}) {
  const stage = new Stage()
  const leader = await stage.leader(options)
  const next = await stage.follower(options)
  await stage.pass(10_000)
  return { stage, leader, next }
}

/** Milliseconds from the last renewal until another one leads. */
async function takeover(stage: Stage, next: Member): Promise<number> {
  const last = Date.parse(stage.lease?.spec?.renewTime ?? '')
  await stage.until('another one leads', () => next.leads, 3 * LEASE_MS)
  return stage.clock.now() - last
}

/** How long after a renewal it dies, in parts of a retry period. */
const phases = [0, 0.3, 0.9, 1]

describe('a leader that died is replaced', () => {
  it.each(phases)(
    'within lease + 0.5 s while the watch lives; it died %d of a retry period after its renewal',
    async phase => {
      const { stage, leader, next } = await pair()
      await stage.renewed(phase * 2_000 - 20)
      leader.kill()
      const after = await takeover(stage, next)
      expect(after).toBeGreaterThanOrEqual(LEASE_MS)
      expect(after).toBeLessThanOrEqual(LEASE_MS + 500)
    },
  )

  it.each(phases)(
    'within lease + 2 × retry × jitter + 1 s with a silent watch; died at %d of a period',
    async phase => {
      const { stage, leader, next } = await pair()
      next.api.faults.silentWatches = true
      await stage.pass(20_000)
      await stage.renewed(phase * 2_000 - 20)
      leader.kill()
      const after = await takeover(stage, next)
      expect(after).toBeGreaterThanOrEqual(LEASE_MS)
      expect(after).toBeLessThanOrEqual(LEASE_MS + 2 * JITTERED_RETRY_MS + 1_000)
    },
  )

  it.each(phases)(
    'within lease + 2 × retry × jitter + 1 s when the watch falls silent as it dies, at %d',
    async phase => {
      const { stage, leader, next } = await pair()
      await stage.renewed(phase * 2_000 - 20)
      next.api.faults.silentWatches = true
      leader.kill()
      expect(await takeover(stage, next)).toBeLessThanOrEqual(LEASE_MS + 2 * JITTERED_RETRY_MS + 1_000)
    },
  )

  it.each([false, true])('within 4 s at 3 s, 2 s and 0.5 s; silent watch: %s', async silentWatches => {
    for (const phase of phases) {
      const { stage, leader, next } = await pair(FAST)
      next.api.faults.silentWatches = silentWatches
      await stage.pass(5_000)
      await stage.renewed(phase * 500 - 20)
      leader.kill()
      const after = await takeover(stage, next)
      expect(after).toBeGreaterThanOrEqual(3_000)
      expect(after).toBeLessThanOrEqual(4_000)
    }
  })

  it('by one of many, and by one alone', async () => {
    const { stage, leader } = await pair()
    for (let more = 0; more < 5; more++) await stage.follower()
    await stage.renewed(500)
    leader.kill()
    const last = Date.parse(stage.lease?.spec?.renewTime ?? '')
    const others = stage.members.filter(one => one !== leader)
    await stage.until('somebody leads', () => others.some(one => one.leads), 20_000)
    expect(stage.clock.now() - last).toBeLessThanOrEqual(LEASE_MS + 500)
    await stage.pass(10_000)
    expect(others.flatMap(one => one.leaderships)).toHaveLength(1)
  })

  it('a lease after it was first seen, by a member that came late', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    await stage.pass(5_000)
    leader.kill()
    await stage.pass(12_000)
    const late = await stage.follower()
    const took = await stage.until('it leads', () => late.leads, 20_000)
    expect(took).toBeGreaterThanOrEqual(LEASE_MS - 50)
    expect(took).toBeLessThanOrEqual(LEASE_MS + 500)
  })
})

it('who takes over has read the Lease once more just before', async () => {
  const stage = new Stage()
  const leader = await stage.leader()
  const calls: string[] = []
  const next = await stage.follower({
    around: api => {
      const { readLease, replaceLease } = api
      return Object.assign(api, {
        readLease(name: string) {
          calls.push(`read ${stage.clock.now()}`)
          return readLease.call(api, name)
        },
        replaceLease(lease: LeaseObject) {
          calls.push(`write ${stage.clock.now()}`)
          return replaceLease.call(api, lease)
        },
      })
    },
  })
  await stage.renewed(100)
  leader.kill()
  await stage.until('it leads', () => next.leads, 20_000)
  const [read, write] = calls.slice(-2).map(call => call.split(' '))
  expect([read?.[0], write?.[0]]).toEqual(['read', 'write'])
  expect(Number(write?.[1]) - Number(read?.[1])).toBeLessThanOrEqual(5)
})

describe('time is counted', () => {
  it('anew by a renewal that arrives just before expiry, also if it was sent long before', async () => {
    const { stage, leader, next } = await pair()
    await stage.renewed(1_000)
    const shown = stage.lease?.metadata.resourceVersion
    // The next one is sent in a second, and is under way for almost the rest of the lease.
    leader.api.faults.delayMs = LEASE_MS - 2_300
    await stage.pass(2_000)
    leader.api.clock.freeze()
    leader.dead = true
    await stage.until('it arrives', () => stage.lease?.metadata.resourceVersion !== shown, LEASE_MS)
    const waited = await stage.until('another one leads', () => next.leads, 2 * LEASE_MS)
    expect(waited).toBeGreaterThanOrEqual(LEASE_MS)
    expect(waited).toBeLessThanOrEqual(LEASE_MS + 500)
  })

  it("by nothing but a member's own monotonic clock: wall clocks may be hours apart", async () => {
    const stage = new Stage()
    const leader = await stage.leader({ clock: { wallOffset: -7_200_000 } })
    const next = await stage.follower({ clock: { wallOffset: 7_200_000, monotonicOffset: -500_000 } })
    await stage.pass(60_000)
    expect([leader.leaderships.length, next.leaderships.length]).toEqual([1, 0])
    const before = stage.clock.monotonic()
    leader.kill()
    await stage.until('the other one leads', () => next.leads, 20_000)
    expect(stage.clock.monotonic() - before).toBeGreaterThanOrEqual(LEASE_MS - 2_100)
    expect(next.term).toBeGreaterThan(leader.term ?? 0n)
  })

  it('not by renewals that say the future', async () => {
    const { stage, leader, next } = await pair()
    await stage.renewed(500)
    leader.kill()
    const future = '2126-01-01T00:00:00.000000Z'
    stage.tamper(lease => ({ ...lease, spec: { ...lease.spec, renewTime: future, acquireTime: future } }))
    const waited = await stage.until('another one leads', () => next.leads, 2 * LEASE_MS)
    expect(waited).toBeLessThanOrEqual(LEASE_MS + 500)
  })
})

it('times and transitions of the Lease are what client-go writes', async () => {
  const { stage, leader, next } = await pair()
  const first = stage.lease?.spec
  expect(first).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 })
  expect(first?.holderIdentity).toBe(`${leader.pod}_${leader.service.self.incarnation}`)
  expect(first?.renewTime).toMatch(/^2026-01-01T00:00:\d\d\.\d{6}Z$/)
  leader.kill()
  await takeover(stage, next)
  expect(stage.lease?.spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 1 })
  expect(stage.lease?.spec?.acquireTime).toBe(stage.lease?.spec?.renewTime)
  await stage.renewed(0)
  expect(stage.lease?.spec?.acquireTime).not.toBe(stage.lease?.spec?.renewTime)
})
