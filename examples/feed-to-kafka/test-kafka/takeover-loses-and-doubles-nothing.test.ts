import { findServerSource } from '@dromedary/test-servers/kafka'
import { eventually } from '@dromedary/testing'
import type { MemberProcess } from '@dromedary/testing/harness'
import { describe, expect, it } from 'vitest'
import { report } from '../src/check/index.ts'
import { LEADS, type Stage, stage } from './support/stage.ts'

const RATE = 2_000
/** On a machine that has much else to do everything takes its time. */
const PATIENT = { within: 60_000 }

/** So many members, all of which know who leads. */
async function members({ member }: Stage, count: number, ...settings: string[]): Promise<MemberProcess[]> {
  const all = await Promise.all(Array.from({ length: count }, () => member(...settings)))
  await Promise.all(all.map(one => one.waitForLine('leader of feed is', PATIENT)))
  return all
}

/** By what it said last. */
const leads = ({ lines }: MemberProcess) => lines.matching('leader of feed is').at(-1)?.includes(LEADS) === true

const leaderAmong = (members: readonly MemberProcess[]): Promise<MemberProcess> =>
  eventually(() => members.find(one => one.running && leads(one)) ?? Promise.reject(new Error('nobody leads')), PATIENT)

/** When a connection after the first so many has brought a thousand messages: in the midst of it. */
async function flowing({ simulator }: Stage, connections: number, messages = 1_000): Promise<void> {
  await eventually(() => simulator.stats.requests.length > connections && simulator.stats.open > 0, PATIENT)
  const { sent } = simulator.stats
  await eventually(() => simulator.stats.sent > sent + messages, PATIENT)
}

// The reader is Kafka's own.
describe.skipIf(findServerSource().kind === 'none')('members', { timeout: 300_000 }, () => {
  it.for(['tcp', 'websocket'])('SIGKILL to one leader after the other loses and doubles nothing (%s)', async source => {
    const here = await stage({ rate: RATE, malformedEvery: 97 })
    const { simulator, settled, read } = here
    const alive = await members(here, 4, `feed.source=${source}`)
    for (const messages of [1_001, 1_502, 777]) {
      await flowing(here, simulator.stats.connections - simulator.stats.open, messages)
      const leader = await leaderAmong(alive)
      leader.kill()
      await leader.exited
    }
    await leaderAmong(alive)
    const last = await settled()
    await Promise.all(alive.map(one => one.stop()))
    const { verdict } = await read(last)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(verdict.terms.length).toBeGreaterThan(1)
    expect(simulator.stats.connections).toBeGreaterThanOrEqual(4)
    expect(simulator.stats.overlaps).toBe(0)
  })

  it('a leader that is stopped hands over, and its connection ends before the next one begins', async () => {
    const here = await stage({ rate: RATE })
    const alive = await members(here, 2)
    await flowing(here, 0)
    const first = await leaderAmong(alive)
    expect((await first.stop()).code).toBe(0)
    const second = await leaderAmong(alive)
    const last = await here.settled()
    await second.stop()
    const { verdict } = await here.read(last)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(verdict.terms.length).toBeGreaterThanOrEqual(2)
    expect(here.simulator.stats.overlaps).toBe(0)
  })

  it('a leader that froze, and wakes up when another one leads, writes nothing any more', async () => {
    const here = await stage({ rate: RATE })
    const alive = await members(here, 2)
    await flowing(here, 0)
    const frozen = await leaderAmong(alive)
    const { connections } = here.simulator.stats
    frozen.pause()
    const index = frozen.lines.all.length
    const other = await leaderAmong(alive.filter(one => one !== frozen))
    await flowing(here, connections)
    frozen.resume()
    await frozen.waitForLine('leader of feed is', { from: index, ...PATIENT })
    const last = await here.settled()
    // In this order: the one that is left would lead.
    await frozen.stop()
    await other.stop()
    const { verdict } = await here.read(last)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(verdict.terms.length).toBeGreaterThanOrEqual(2)
  })
})
