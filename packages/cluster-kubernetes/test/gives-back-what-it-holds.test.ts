import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Leadership } from '@dromedary/core/cluster'
import { describe, expect, it } from 'vitest'
import { passing } from './support/fixture.ts'
import { type Member, Stage } from './support/stage.ts'

/** After stop nothing waits, and nothing is open. */
async function stopped(stage: Stage, ...members: Member[]): Promise<void> {
  await passing(stage.clock, Promise.all(members.map(member => member.service.stop())), 200_000)
  expect(stage.cluster.openWatches).toBe(0)
  const { pending } = stage.clock
  stage.cluster.requests.reset()
  expect(pending).toBe(0)
  await stage.pass(300_000)
  expect(stage.cluster.requests.count()).toBe(0)
}

describe('after stop there is no timer and no watch, and no request any more', () => {
  it('of a leader and a follower', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.pass(40_000)
    await stopped(stage, next, leader)
  })

  it('of one that only looked on', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const onlooker = await stage.member()
    await stage.pass(40_000)
    await stopped(stage, onlooker, leader)
  })

  it('of one that was not started', async () => {
    const stage = new Stage()
    const member = await stage.member()
    member.compete()
    await stopped(stage, member)
  })

  it('of one that leads many namespaces, on one watch', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    for (let more = 0; more < 20; more++) leader.compete(`more-${more}`)
    await stage.pass(40_000)
    expect(leader.leaderships).toHaveLength(21)
    await stopped(stage, leader)
  })

  it.each([
    ['refuses', { refuse: true }],
    ['is a black hole', { cutOff: true }],
    ['answers 503', { status: 503 }],
  ] as const)('of members that stop while the server %s', async (_, faults) => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.pass(5_000)
    Object.assign(stage.cluster.faults, faults)
    await stage.pass(5_000)
    await stopped(stage, next, leader)
  })

  it.each([
    ['refuses', { refuse: true }],
    ['is a black hole', { cutOff: true }],
  ] as const)('of a member that stops before a server that %s ever answered', async (_, faults) => {
    const stage = new Stage()
    Object.assign(stage.cluster.faults, faults)
    const member = await stage.member()
    member.compete()
    await stage.pass(7_000)
    await stopped(stage, member)
  })

  it('of a member without any right', async () => {
    const stage = new Stage()
    const member = await stage.member({ rights: [] })
    member.compete()
    await stage.pass(60_000)
    await stopped(stage, member)
  })

  it('of a member that never drains: the lease is left to expire', async () => {
    const stage = new Stage()
    const leader = await stage.leader({ drains: false })
    const next = await stage.follower()
    await passing(stage.clock, leader.service.stop({ drainMs: 3_000 }), 20_000)
    expect(
      leader.log.matching(/work of this member's last term in ns goes on: its lease is left to expire/),
    ).toHaveLength(1)
    expect(next.leads).toBe(false)
    await stage.until('the other one leads', () => next.leads, 15_500)
    await stopped(stage, next)
  })
})

it('stop takes no longer than 5 s and a drain where the server hangs', async () => {
  const stage = new Stage()
  const leader = await stage.leader()
  await stage.pass(5_000)
  stage.cluster.faults.cutOff = true
  const began = stage.clock.monotonic()
  await passing(stage.clock, leader.service.stop({ drainMs: 2_000 }), 60_000)
  expect(stage.clock.monotonic() - began).toBeLessThanOrEqual(7_500)
})

/** Runs now. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

it('over 1,000 terms nothing grows: no timers, no watches, and no leadership is kept', async () => {
  const stage = new Stage()
  const terms: bigint[] = []
  const leaderships: WeakRef<Leadership>[] = []
  const compete = ({ service }: Member) => {
    const campaign = service.campaign('ns', { participant: 'route' })
    campaign.leadership.subscribe(leadership => {
      if (!leadership) return
      terms.push(leadership.term)
      leaderships.push(new WeakRef(leadership))
      leadership.closing.addEventListener('abort', () => leadership.drained())
    })
    return campaign
  }
  const members = [await stage.member(), await stage.member()]
  const campaigns = members.map(compete)
  await stage.until('somebody leads', () => terms.length === 1)
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) {
      const { length } = terms
      const leads = members.findIndex(({ states }) => states.at(-1)?.role === 'leader')
      await passing(stage.clock, Promise.resolve(campaigns[leads]?.[Symbol.asyncDispose]()), 1_000)
      await stage.until('the other one leads', () => terms.length > length, 100)
      campaigns[leads] = compete(members[leads] as Member)
      for (const { states, log } of members) {
        states.splice(0, states.length - 1)
        log.records.length = 0
      }
    }
  }
  await rounds(10)
  const before = [stage.clock.pending, stage.cluster.openWatches]
  await rounds(1_000)
  expect(new Set(terms).size).toBe(1_011)
  const [timers = 0, watches = 0] = before
  expect(stage.cluster.openWatches).toBeLessThanOrEqual(watches)
  expect(stage.clock.pending).toBeLessThanOrEqual(timers + 5)
  await stage.pass(1)
  collectGarbage()
  expect(leaderships.filter(ref => ref.deref() !== undefined).length).toBeLessThanOrEqual(10)
  await stopped(stage, ...members)
}, 60_000)
