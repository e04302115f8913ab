import { describe, expect, it } from 'vitest'
import { Stage } from './support/stage.ts'

describe('an answer that got lost', () => {
  it.each([1, 2, 3])('to %d renewals: the same term goes on, for as long as it is renewed', async count => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    leader.api.faults.loseWriteAnswers = count
    await stage.pass(60_000)
    expect([leader.leads, leader.leaderships.length, next.leaderships.length]).toEqual([true, 1, 0])
    expect(leader.state?.health.status).toBe('up')
  })

  it('to a renewal, and the watch is silent: the same term goes on', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    leader.api.faults.silentWatches = true
    leader.api.faults.loseWriteAnswers = 1
    await stage.pass(60_000)
    expect([leader.leads, leader.leaderships.length]).toEqual([true, 1])
  })

  it('to an acquisition: it leads soon, under a new term', async () => {
    const stage = new Stage()
    const member = await stage.member()
    await stage.pass(1_000)
    member.api.faults.loseWriteAnswers = 1
    stage.stepMs = 1
    member.compete()
    await stage.until('it is written', () => stage.note('term') !== undefined, 5_000)
    const written = BigInt(stage.note('term') ?? 0)
    expect(member.leaderships).toEqual([])
    await stage.until('it leads', () => member.leads, 5_000)
    expect(member.term).toBeGreaterThan(written)
    expect(member.leaderships).toHaveLength(1)
    // Nobody led under the other one.
    expect(member.log.matching(/leader of ns/)).toEqual([expect.stringContaining(`term ${member.term}`)])
  })

  it('to an acquisition of a Lease that was there: it leads soon, under a new term', async () => {
    const stage = new Stage()
    const first = await stage.leader()
    await stage.stop(first)
    const member = await stage.member()
    await stage.pass(1_000)
    member.api.faults.loseWriteAnswers = 1
    const before = stage.note('term')
    stage.stepMs = 1
    member.compete()
    await stage.until('it is written', () => stage.note('term') !== before, 5_000)
    const written = BigInt(stage.note('term') ?? 0)
    await stage.until('it leads', () => member.leads, 5_000)
    expect(member.term).toBeGreaterThan(written)
  })

  it('to an acquisition by a member that then dies: others wait a lease', async () => {
    const stage = new Stage()
    const next = await stage.member()
    const member = await stage.member()
    await stage.pass(1_000)
    member.api.faults.loseWriteAnswers = 1
    stage.stepMs = 1
    member.compete()
    await stage.until('it is written', () => stage.note('term') !== undefined, 5_000)
    member.kill()
    stage.stepMs = 20
    next.compete()
    const took = await stage.until('the other one leads', () => next.leads, 20_000)
    expect(took).toBeGreaterThanOrEqual(14_500)
    expect(took).toBeLessThanOrEqual(15_500)
  })

  it('to the release: it is seen as released, at once', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    leader.api.faults.loseWriteAnswers = 1
    const stopped = leader.service.stop()
    await stage.until('the other one leads', () => next.leads, 200)
    await stage.until('nothing of it is left', () => leader.leaderships.every(one => !one.isValid()), 200)
    await Promise.all([stopped, stage.pass(5_000)])
    expect(next.state?.lastChange?.reason).toBe('released')
  })
})

describe.each([
  ['refused', { refuse: true }],
  ['answered 503', { status: 503 }],
] as const)('a release that is %s at first', (_, faults) => {
  it('is tried again: another one leads soon after the server is back', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.renewed(500)
    Object.assign(leader.api.faults, faults)
    const stopped = leader.service.stop()
    await stage.pass(300)
    leader.api.faults.heal()
    await stage.until('the other one leads', () => next.leads, 5_000)
    await Promise.all([stopped, stage.pass(5_000)])
    expect(next.state?.lastChange?.reason).toBe('released')
  })
})

describe('a conflict of the leader with somebody who changed its Lease and not its holder', () => {
  it('is no loss: it reads, and writes again at once', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    leader.api.faults.silentWatches = true
    await stage.renewed(500)
    stage.tamper(lease => ({ ...lease, metadata: { ...lease.metadata, labels: { ...lease.metadata.labels, a: 'b' } } }))
    const version = stage.lease?.metadata.resourceVersion
    const renewed = stage.lease?.spec?.renewTime
    await stage.until('it renews', () => stage.lease?.spec?.renewTime !== renewed, 2_000)
    expect(stage.lease?.metadata.labels).toMatchObject({ a: 'b' })
    expect(Number(stage.lease?.metadata.resourceVersion)).toBe(Number(version) + 1)
    await stage.pass(60_000)
    expect([leader.leads, leader.leaderships.length]).toEqual([true, 1])
  })

  it('again and again is no loss either, as long as it gets through once in ten seconds', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    leader.api.faults.silentWatches = true
    for (let change = 0; change < 60; change++) {
      const labels = { change: String(change) }
      stage.tamper(({ metadata, ...lease }) => ({ ...lease, metadata: { ...metadata, labels } }))
      await stage.pass(700)
    }
    expect([leader.leads, leader.leaderships.length]).toEqual([true, 1])
  })
})
