import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { ClusterClaim, ClusterFixture } from './fixture.ts'
import { World } from './world.ts'

/** Who leads, and who follows whom. */
export const electionCases: readonly ContractCase<ClusterFixture, ClusterClaim>[] = [
  {
    name: 'one leader among five members',
    async run(fixture) {
      const world = new World(fixture)
      const seats = (await world.members(5)).map(member => world.join(member))
      await world.until('somebody leads', () => seats.some(seat => seat.leads), fixture.timing.handoverMs)
      await world.pass(fixture.timing.handoverMs)
      expect(seats.filter(seat => seat.leads)).toHaveLength(1)
      expect(seats.filter(seat => seat.leaderships.length > 0)).toHaveLength(1)
    },
  },
  {
    name: 'a leadership is renewed past several leases, and stays the same term',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      await world.pass(2.5 * fixture.timing.hardEndAfterMs)
      expect(seat.leads).toBe(true)
      expect(seat.leaderships).toHaveLength(1)
    },
  },
  {
    name: 'terms strictly grow from leader to leader',
    async run(fixture) {
      const world = new World(fixture)
      const terms: bigint[] = []
      for (let round = 0; round < 4; round++) {
        const seat = await world.leader()
        terms.push(seat.newest?.term ?? -1n)
        await world.settled(seat.member.stop())
      }
      const sorted = [...new Set(terms)].sort((a, b) => (a < b ? -1 : 1))
      expect(terms).toEqual(sorted)
    },
  },
  {
    name: 'withdrawing hands over to another member',
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader()
      const second = world.join(await world.member())
      await world.settled(first.leave())
      await world.until('the second leads', () => second.leads, fixture.timing.handoverMs)
      expect(first.newest?.isValid()).toBe(false)
      expect(first.newest?.closing.reason).toBe('stopped')
      expect(second.newest?.term).toBeGreaterThan(first.newest?.term ?? 0n)
    },
  },
  {
    name: 'a killed leader has a successor',
    needs: ['kill'],
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader()
      const second = world.join(await world.member())
      await world.pass(fixture.timing.handoverMs)
      await fixture.kill?.(first.member)
      await world.until('the second leads', () => second.leads, fixture.timing.takeoverMs)
      expect(second.newest?.term).toBeGreaterThan(first.newest?.term ?? 0n)
    },
  },
  {
    name: 'work of a killed leader is never followed before its hard end',
    needs: ['kill'],
    async run(fixture) {
      const world = new World(fixture)
      // Not drained: it stays valid for as long as it may, and is asked at each step.
      const first = await world.leader({ drains: false })
      const second = world.join(await world.member())
      await world.pass(fixture.timing.handoverMs)
      await fixture.kill?.(first.member)
      await world.until('the second leads', () => second.leads, fixture.timing.takeoverMs)
      expect(first.newest?.isValid()).toBe(false)
      expect(first.newest?.ended.reason).toMatch(/renewal-failed|stalled/)
    },
  },
  {
    name: 'resigning moves the namespace, and the member stands back',
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader()
      const second = world.join(await world.member())
      await world.pass(fixture.timing.handoverMs)
      first.newest?.resign('cannot start')
      expect(first.newest?.accepts()).toBe(false)
      expect(first.newest?.closing.reason).toBe('resigned')
      await world.until('the second leads', () => second.leads, fixture.timing.handoverMs)
      await world.pass(fixture.timing.handoverMs)
      expect(first.leaderships).toHaveLength(1)
      expect(second.leads).toBe(true)
    },
  },
  {
    name: 'a member that resigned leads again when nobody else does',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      const term = seat.newest?.term ?? 0n
      seat.newest?.resign('cannot start')
      await world.until('it leads again', () => seat.leads, fixture.timing.standBackMs)
      expect(seat.newest?.term).toBeGreaterThan(term)
      expect(seat.emitted).toEqual([undefined, term, undefined, seat.newest?.term])
    },
  },
  {
    name: 'members that all stand back take turns: the one that resigned last is not the next',
    async run(fixture) {
      const world = new World(fixture)
      let leader = await world.leader()
      let other = world.join(await world.member())
      await world.pass(fixture.timing.handoverMs)
      // Each time they stand back for longer.
      for (let turn = 0; turn < 6; turn += 1) {
        const terms = leader.leaderships.length
        leader.newest?.resign('cannot start')
        await world.until('one leads again', () => leader.leads || other.leads, fixture.timing.standBackMs)
        expect(leader.leaderships).toHaveLength(terms)
        // It sees the other lead.
        await world.pass(fixture.timing.handoverMs)
        ;[leader, other] = [other, leader]
      }
    },
  },
  {
    name: 'namespaces are independent',
    async run(fixture) {
      const world = new World(fixture)
      const [one, two] = await world.members(2)
      if (!one || !two) return
      const a = world.join(one, { namespace: 'a' })
      await world.until('the first leads a', () => a.leads, fixture.timing.handoverMs)
      const b = world.join(two, { namespace: 'b' })
      await world.until('the second leads b', () => b.leads, fixture.timing.handoverMs)
      b.newest?.resign('moving b alone')
      await world.pass(fixture.timing.handoverMs)
      expect(a.leads).toBe(true)
      expect(a.leaderships).toHaveLength(1)
    },
  },
  {
    name: 'two members with one id are two members: the identity is fresh per incarnation',
    async run(fixture) {
      const world = new World(fixture)
      const [one, two] = [await world.member('twin'), await world.member('twin')]
      expect(one.self.id).toBe('twin')
      expect(two.self.id).toBe('twin')
      expect(one.self.incarnation).not.toBe(two.self.incarnation)
      const seats = [world.join(one), world.join(two)]
      await world.until('one leads', () => seats.some(seat => seat.leads), fixture.timing.handoverMs)
      await world.pass(fixture.timing.hardEndAfterMs)
      expect(seats.filter(seat => seat.leaderships.length > 0)).toHaveLength(1)
    },
  },
]
