import { findServerSource } from '@dromedary/test-servers/kafka'
import { eventually } from '@dromedary/testing'
import type { MemberProcess } from '@dromedary/testing/harness'
import { describe, expect, it } from 'vitest'
import { report } from '../src/check/index.ts'
import { FOLLOWS, LEADS, type Stage, stage } from './support/stage.ts'

const RATE = 2_000

/** A leader, and members that may take over. */
async function members({ member }: Stage, count: number, ...settings: string[]): Promise<MemberProcess[]> {
  const leader = await member(...settings)
  await leader.waitForLine(LEADS, { within: 30_000 })
  const followers = await Promise.all(Array.from({ length: count - 1 }, () => member(...settings)))
  await Promise.all(followers.map(follower => follower.waitForLine(FOLLOWS, { within: 30_000 })))
  return [leader, ...followers]
}

/** The one that leads after these had their chance. */
const leaderAmong = (members: readonly MemberProcess[]): Promise<MemberProcess> =>
  Promise.race(members.map(member => member.waitForLine(LEADS, { within: 15_000 }).then(() => member)))

/** So many messages later. */
async function later({ simulator }: Stage, messages: number): Promise<void> {
  const { sent } = simulator.stats
  await eventually(() => simulator.stats.sent > sent + messages, { within: 20_000 })
}

// The reader is Kafka's own.
describe.skipIf(findServerSource().kind === 'none')('members', { timeout: 180_000 }, () => {
  it.for(['tcp', 'websocket'])('SIGKILL to one leader after the other loses and doubles nothing (%s)', async source => {
    const total = 20_000
    const here = await stage({ total, rate: RATE, malformedEvery: 97 })
    const { simulator, settled, read } = here
    let alive = await members(here, 4, `feed.source=${source}`)
    let leader = alive[0] as MemberProcess
    for (const after of [1_001, 1_502, 777]) {
      await later(here, after)
      leader.kill()
      alive = alive.filter(one => one !== leader)
      leader = await leaderAmong(alive)
    }
    await settled(total)
    await leader.stop()
    const { verdict } = await read(total)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(verdict.terms).toHaveLength(4)
    expect(simulator.stats).toMatchObject({ connections: 4, overlaps: 0 })
  })

  it('a leader that is stopped hands over, and its connection ends before the next one begins', async () => {
    const total = 8_000
    const here = await stage({ total, rate: RATE })
    const [first, second] = (await members(here, 2)) as [MemberProcess, MemberProcess]
    await later(here, 1_000)
    expect((await first.stop()).code).toBe(0)
    await second.waitForLine(LEADS)
    await here.settled(total)
    await second.stop()
    const { verdict } = await here.read(total)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(verdict.terms).toHaveLength(2)
    expect(here.simulator.stats).toMatchObject({ connections: 2, overlaps: 0 })
  })

  it('a leader that froze, and wakes up when another one leads, writes nothing any more', async () => {
    const total = 16_000
    const here = await stage({ total, rate: RATE })
    const { simulator } = here
    const [first, second] = (await members(here, 2, 'cluster.file.stale=2s')) as [MemberProcess, MemberProcess]
    await later(here, 1_000)
    first.pause()
    await second.waitForLine(LEADS, { within: 15_000 })
    await eventually(() => simulator.stats.requests.length === 2, { within: 15_000 })
    first.resume()
    await first.waitForLine(FOLLOWS, { from: first.lines.all.length })
    await here.settled(total)
    // In this order: the one that is left would lead.
    await first.stop()
    await second.stop()
    const { verdict } = await here.read(total)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(verdict.terms).toHaveLength(2)
  })
})
