import { isDromedaryError } from '@dromedary/core'
import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { ClusterClaim, ClusterFixture } from './fixture.ts'
import { record, World } from './world.ts'

/** Start, stop, observe. */
export const serviceCases: readonly ContractCase<ClusterFixture, ClusterClaim>[] = [
  {
    name: 'observing replays the newest state, never campaigns, and completes at stop without an error',
    async run(fixture) {
      const world = new World(fixture)
      const watcher = await world.member()
      const early = record(watcher)
      expect(early.states).toHaveLength(1)
      expect(early.states[0]?.namespace).toBe('ns')
      await world.pass(fixture.timing.takeoverMs)
      expect(early.states.every(state => state.role === 'off' && !state.leader)).toBe(true)
      const leader = await world.leader()
      await world.until(
        'the leader is seen',
        () => early.states.at(-1)?.leader?.id === leader.member.self.id,
        fixture.timing.handoverMs + fixture.timing.closeAfterMs,
      )
      expect(early.states.at(-1)?.leader?.term).toBe(leader.newest?.term)
      const late = record(watcher)
      expect(late.states).toEqual([early.states.at(-1)])
      await world.settled(watcher.stop())
      expect([early.completed, late.completed]).toEqual([true, true])
      expect([...early.errors, ...late.errors]).toEqual([])
    },
  },
  {
    name: 'the role is told: follower, leader, draining, standing back, off',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader({ drains: false })
      const seen = record(seat.member)
      expect(seen.states.at(-1)?.role).toBe('leader')
      expect(seen.states.at(-1)?.highestTermSeen).toBe(seat.newest?.term)
      const second = world.join(await world.member())
      const other = record(second.member)
      await world.pass(100)
      expect(other.states.at(-1)?.role).toBe('follower')
      seat.newest?.resign('test')
      expect(seen.states.at(-1)?.role).toBe('draining')
      seat.newest?.drained()
      await world.until('the second leads', () => second.leads, fixture.timing.handoverMs)
      expect(seen.states.at(-1)?.role).toBe('standing-back')
      await world.settled(seat.member.stop())
      expect(seen.states.at(-1)?.role).toBe('off')
    },
  },
  {
    name: 'the newest change says why the last leader ended, and for how long nobody led',
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader()
      const second = world.join(await world.member())
      await world.pass(100)
      const seen = record(second.member)
      await world.settled(first.member.stop())
      await world.until('the second leads', () => second.leads, fixture.timing.handoverMs)
      await world.until('the change is told', () => seen.states.at(-1)?.leader?.term === second.newest?.term, 1_000)
      const change = seen.states.at(-1)?.lastChange
      expect(change?.reason).toMatch(/\w/)
      expect(change?.leaderlessMs).toBeGreaterThanOrEqual(0)
      expect(change?.leaderlessMs).toBeLessThanOrEqual(fixture.timing.handoverMs)
    },
  },
  {
    name: 'stop is idempotent, withdraws every campaign, and hands over',
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader()
      const also = world.join(first.member, { namespace: 'also' })
      const second = world.join(await world.member())
      await world.settled(Promise.all([first.member.stop(), first.member.stop()]))
      await world.settled(first.member.stop())
      expect([first.completed, also.completed]).toEqual([true, true])
      await world.until('the second leads', () => second.leads, fixture.timing.handoverMs)
    },
  },
  {
    name: 'a campaign after stop is refused',
    async run(fixture) {
      const world = new World(fixture)
      const member = await world.member()
      await world.settled(member.stop())
      let thrown: unknown
      try {
        member.campaign('ns', { participant: 'late' })
      } catch (error) {
        thrown = error
      }
      expect(isDromedaryError(thrown, 'DROMEDARY_INVALID_STATE')).toBe(true)
      expect(record(member).completed).toBe(true)
    },
  },
  {
    name: 'a campaign from before start competes from start on',
    async run(fixture) {
      const world = new World(fixture)
      const member = fixture.member()
      const seat = world.join(member)
      await world.pass(100)
      expect(seat.leaderships).toHaveLength(0)
      await world.settled(member.start())
      await world.until('it leads', () => seat.leads, fixture.timing.handoverMs)
    },
  },
  {
    name: 'stopping a member that never started returns',
    async run(fixture) {
      const world = new World(fixture)
      await world.settled(fixture.member().stop())
    },
  },
]
