import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { ClusterClaim, ClusterFixture } from './fixture.ts'
import { World } from './world.ts'

/** What a leadership says, and in which order. */
export const leadershipCases: readonly ContractCase<ClusterFixture, ClusterClaim>[] = [
  {
    name: 'at closing it accepts nothing and is still valid; both are false for ever once it ended',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader({ drains: false })
      const leadership = seat.newest
      if (!leadership) return
      expect([leadership.accepts(), leadership.isValid()]).toEqual([true, true])
      expect(leadership.remainingMs()).toBeGreaterThan(0)
      leadership.resign('test')
      expect([leadership.accepts(), leadership.isValid()]).toEqual([false, true])
      expect(leadership.closing.aborted).toBe(true)
      expect(leadership.ended.aborted).toBe(false)
      expect(leadership.remainingMs()).toBeGreaterThan(0)
      leadership.drained()
      await world.until('it ended', () => leadership.ended.aborted, fixture.timing.hardEndAfterMs)
      await world.until('it leads again', () => seat.leads, fixture.timing.standBackMs)
      expect([leadership.accepts(), leadership.isValid(), leadership.remainingMs()]).toEqual([false, false, 0])
    },
  },
  {
    name: 'renewed() says yes for a renewal that was sent after the question, and no once it ended',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader({ drains: false })
      const leadership = seat.newest
      if (!leadership) return
      const answers: boolean[] = []
      void leadership.renewed().then(answer => answers.push(answer))
      await world.until('a renewal was acknowledged', () => answers.length === 1, fixture.timing.hardEndAfterMs)
      expect(answers).toEqual([true])
      leadership.resign('test')
      leadership.drained()
      await world.until('it ended', () => leadership.ended.aborted, fixture.timing.hardEndAfterMs)
      expect(await leadership.renewed()).toBe(false)
    },
  },
  {
    name: 'what is asked has changed before the signals abort, and closing comes before ended',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader({ drains: false })
      const leadership = seat.newest
      if (!leadership) return
      const order: string[] = []
      leadership.closing.addEventListener('abort', () => {
        order.push(`closing ${leadership.accepts()}`)
      })
      leadership.ended.addEventListener('abort', () => {
        order.push(`ended ${leadership.isValid()} ${leadership.closing.aborted}`)
      })
      const left = seat.leave()
      leadership.drained()
      await world.settled(left)
      expect(order).toEqual(['closing false', 'ended false true'])
      expect(leadership.ended.reason).toBe('stopped')
    },
  },
  {
    name: 'draining holds the release: nobody follows before drained()',
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader({ drains: false })
      const second = world.join(await world.member())
      const left = first.leave()
      await world.pass(fixture.timing.hardEndAfterMs * 1.5)
      expect(first.newest?.isValid()).toBe(true)
      expect(second.leaderships).toHaveLength(0)
      first.newest?.drained()
      await world.settled(left)
      await world.until('the second leads', () => second.leads, fixture.timing.handoverMs)
    },
  },
  {
    name: 'work that does not drain in time is never released over: the lease expires',
    async run(fixture) {
      const world = new World(fixture)
      const first = await world.leader({ drains: false })
      const second = world.join(await world.member())
      await world.pass(fixture.timing.handoverMs)
      const stopped = first.member.stop({ drainMs: 50 })
      await world.settled(stopped)
      expect(first.newest?.isValid()).toBe(false)
      // The last renewal is no older than closing, so at least this much of the lease is left.
      const { closeAfterMs, hardEndAfterMs: lease } = fixture.timing
      await world.pass(Math.max(0, lease - closeAfterMs - 100))
      expect(second.leaderships).toHaveLength(0)
      await world.until('the second leads', () => second.leads, fixture.timing.takeoverMs + lease)
      expect(first.newest?.ended.aborted).toBe(true)
    },
  },
  {
    name: 'undefined comes between any two terms, and a newcomer hears the newest',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      seat.newest?.resign('test')
      await world.until('it leads again', () => seat.leads, fixture.timing.standBackMs)
      for (const [at, term] of seat.emitted.entries()) {
        if (at > 0 && term !== undefined) expect(seat.emitted[at - 1]).toBeUndefined()
      }
      const replayed: (bigint | undefined)[] = []
      seat.campaign.leadership.subscribe(leadership => replayed.push(leadership?.term))
      expect(replayed).toEqual([seat.newest?.term])
    },
  },
  {
    name: 'drained() and resign() are idempotent, also after the end',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      const leadership = seat.newest
      leadership?.drained()
      expect(leadership?.accepts()).toBe(true)
      leadership?.resign('once')
      leadership?.resign('twice')
      leadership?.drained()
      await world.until('it leads again', () => seat.leads, fixture.timing.standBackMs)
      leadership?.resign('late')
      leadership?.drained()
      await world.pass(100)
      expect(seat.leads).toBe(true)
    },
  },
  {
    name: 'a listener that throws does no harm',
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      const boom = () => {
        throw new Error('thrown by a listener of the contract suite')
      }
      seat.campaign.leadership.subscribe(boom)
      seat.member.observe('ns').subscribe(boom)
      seat.newest?.closing.addEventListener('abort', boom)
      seat.newest?.ended.addEventListener('abort', boom)
      seat.newest?.resign('test')
      await world.until('it leads again', () => seat.leads, fixture.timing.standBackMs)
      expect(seat.leaderships).toHaveLength(2)
      expect(seat.errors).toEqual([])
    },
  },
]
