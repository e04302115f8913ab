import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { ClusterClaim, ClusterFixture } from './fixture.ts'
import { World } from './world.ts'

/** Several participants of one member, and how they leave. */
export const campaignCases: readonly ContractCase<ClusterFixture, ClusterClaim>[] = [
  {
    name: 'two campaigns of one member share one lease; it is released when both have drained',
    async run(fixture) {
      const world = new World(fixture)
      const member = await world.member()
      const one = world.join(member, { participant: 'one', drains: false })
      const two = world.join(member, { participant: 'two', drains: false })
      await world.until('both lead', () => one.leads && two.leads, fixture.timing.handoverMs)
      expect(one.newest?.term).toBe(two.newest?.term)
      expect(one.newest).not.toBe(two.newest)
      const other = world.join(await world.member())
      one.newest?.resign('one cannot start')
      expect(two.newest?.accepts()).toBe(false)
      one.newest?.drained()
      await world.pass(fixture.timing.hardEndAfterMs * 1.5)
      expect(two.newest?.isValid()).toBe(true)
      expect(other.leaderships).toHaveLength(0)
      two.newest?.drained()
      await world.until('the other leads', () => other.leads, fixture.timing.handoverMs)
    },
  },
  {
    name: 'one of two campaigns leaves, the other goes on leading in the same term',
    async run(fixture) {
      const world = new World(fixture)
      const member = await world.member()
      const one = world.join(member, { participant: 'one' })
      const two = world.join(member, { participant: 'two' })
      await world.until('both lead', () => one.leads && two.leads, fixture.timing.handoverMs)
      const other = world.join(await world.member())
      await world.settled(one.leave())
      expect(one.newest?.isValid()).toBe(false)
      expect(one.completed).toBe(true)
      await world.pass(fixture.timing.hardEndAfterMs)
      expect(two.leads).toBe(true)
      expect(two.leaderships).toHaveLength(1)
      expect(other.leaderships).toHaveLength(0)
    },
  },
  {
    name: 'a campaign that comes later joins the term that its member holds',
    async run(fixture) {
      const world = new World(fixture)
      const one = await world.leader({ participant: 'one' })
      const two = world.join(one.member, { participant: 'two' })
      await world.until('the second leads as well', () => two.leads, fixture.timing.handoverMs)
      expect(two.newest?.term).toBe(one.newest?.term)
    },
  },
  {
    name: 'withdrawing is idempotent, completes the leadership, and a follower withdraws as well',
    async run(fixture) {
      const world = new World(fixture)
      const leader = await world.leader()
      const follower = world.join(await world.member())
      await world.pass(100)
      await world.settled(Promise.all([follower.leave(), follower.leave()]))
      expect(follower.completed).toBe(true)
      await world.settled(Promise.all([leader.leave(), leader.leave()]))
      await world.settled(leader.leave())
      expect(leader.completed).toBe(true)
      await world.pass(fixture.timing.takeoverMs)
      expect(follower.leaderships).toHaveLength(0)
    },
  },
  {
    name: 'a member that withdrew campaigns again, and leads under a new term',
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader()
      await world.settled(first.leave())
      const again = world.join(first.member)
      await world.until('it leads again', () => again.leads, fixture.timing.handoverMs)
      expect(again.newest?.term).toBeGreaterThan(first.newest?.term ?? 0n)
    },
  },
]
