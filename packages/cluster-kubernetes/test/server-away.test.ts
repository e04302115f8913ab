import { describe, expect, it } from 'vitest'
import { Stage } from './support/stage.ts'

const ways = [
  ['refuses', { refuse: true }],
  ['is a black hole', { cutOff: true }],
  ['answers 503', { status: 503 }],
  ['answers 429', { status: 429 }],
  ['answers 401', { status: 401 }],
  ['answers too late', { answerDelayMs: 20_000 }],
] as const

describe.each(ways)('a server that %s', (_, faults) => {
  it('for up to 4 s costs no leader its term, whenever that begins', async () => {
    for (const ago of [0, 600, 1_200, 1_900]) {
      const stage = new Stage()
      const leader = await stage.leader()
      const next = await stage.follower()
      await stage.pass(5_000)
      await stage.renewed(ago)
      Object.assign(stage.cluster.faults, faults)
      await stage.pass(4_000)
      stage.cluster.faults.heal()
      await stage.pass(40_000)
      expect([leader.leads, leader.leaderships.length, next.leaderships.length], `${ago} ms`).toEqual([true, 1, 0])
      expect(leader.state?.health.status).toBe('up')
    }
  })

  it('for longer than the renew deadline and a second makes the leader give up, at the times it was promised', async () => {
    const stage = new Stage()
    const leader = await stage.leader({ drains: false })
    await stage.renewed(0)
    Object.assign(stage.cluster.faults, faults)
    const { newest } = leader
    const closed = await stage.until('it closes', () => !newest?.accepts(), 12_000)
    expect(closed).toBeGreaterThanOrEqual(9_900)
    expect(closed).toBeLessThanOrEqual(10_100)
    expect([newest?.closing.reason, newest?.isValid()]).toEqual(['renewal-failed', true])
    const ended = closed + (await stage.until('it ends', () => !newest?.isValid(), 6_000))
    expect(ended).toBeLessThanOrEqual(14_500 + 20)
    newest?.drained()
    stage.cluster.faults.heal()
    await stage.until('it leads again', () => leader.leads, 30_000)
    expect(leader.term).toBeGreaterThan(newest?.term ?? 0n)
  })
})

it('a leader that alone is cut off is replaced, and follows when it is back', async () => {
  const stage = new Stage()
  const leader = await stage.leader()
  const next = await stage.follower()
  await stage.renewed(300)
  leader.api.faults.cutOff = true
  await stage.until('the other one leads', () => next.leads, 15_500)
  expect(leader.newest?.isValid()).toBe(false)
  leader.api.faults.heal()
  await stage.until('it knows who leads', () => leader.state?.leader?.term === next.term, 30_000)
  await stage.until('it is healthy', () => leader.state?.health.status === 'up', 10_000)
  await stage.pass(30_000)
  expect([leader.leads, next.leads, next.leaderships.length]).toEqual([false, true, 1])
})

describe('a follower', () => {
  it('that alone is cut off and comes back takes nothing from a leader that worked on', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.pass(5_000)
    next.api.faults.cutOff = true
    await stage.pass(120_000)
    next.api.faults.heal()
    await stage.pass(60_000)
    expect([leader.leads, leader.leaderships.length, next.leaderships.length]).toEqual([true, 1, 0])
    expect(next.state?.health.status).toBe('up')
  })

  it('learns of a release within a retry period and a jitter, even if its watch is silent', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    next.api.faults.silentWatches = true
    await stage.pass(20_000)
    const stopped = leader.service.stop()
    await stage.until('it leads', () => next.leads, 2_000 * 1.2 + 100)
    await stopped
  })

  it('has watches that tell again soon after they fell silent for good', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.pass(3_000)
    next.api.faults.silentWatches = true
    await stage.pass(3_000)
    next.api.faults.silentWatches = false
    await stage.pass(15_000)
    const stopped = leader.service.stop()
    await stage.until('it leads', () => next.leads, 100)
    await stopped
  })
})

describe('without the right to update', () => {
  it('for 15 s a leader gives up in time, nobody else leads, and somebody does soon after it is back', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.renewed(500)
    const granted = [leader, next].map(one => one.api.rights.granted)
    for (const one of [leader, next]) one.api.rights.revoke({ verb: 'update', resource: 'leases' })
    await stage.pass(15_000)
    expect([leader.newest?.isValid(), leader.leaderships.length, next.leaderships.length]).toEqual([false, 1, 0])
    expect(leader.state?.health.error?.message).toMatch(/403|cannot update/)
    for (const [at, one] of [leader, next].entries()) one.api.rights.granted = granted[at] ?? []
    await stage.until('somebody leads', () => leader.leads || next.leads, 5_000)
    await stage.pass(20_000)
    for (const one of [leader, next]) expect(one.state?.health.status).toBe('up')
  })

  it('of the leader alone another one leads when its lease has expired', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.renewed(500)
    leader.api.rights.revoke({ verb: 'update', resource: 'leases' })
    await stage.until('the other one leads', () => next.leads, 15_500)
    expect(leader.newest?.ended.reason).toBe('renewal-failed')
  })
})
