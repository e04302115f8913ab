import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { ClusterClaim, ClusterFixture } from './fixture.ts'
import { record, World } from './world.ts'

/** What a leader does when clocks or storage fail it. */
export const faultCases: readonly ContractCase<ClusterFixture, ClusterClaim>[] = [
  {
    name: 'after a pause past the hard end it is invalid at once, before any timer runs',
    needs: ['clock-jump'],
    async run(fixture) {
      const world = new World(fixture)
      const { newest, member } = await world.leader({ drains: false })
      fixture.pause?.(fixture.timing.hardEndAfterMs + 1)
      expect([newest?.accepts(), newest?.isValid(), newest?.remainingMs()]).toEqual([false, false, 0])
      expect(newest?.ended.aborted).toBe(true)
      expect(newest?.ended.reason).toBe('stalled')
      await world.pass(100)
      expect(newest?.isValid()).toBe(false)
      newest?.drained()
      await world.settled(member.stop())
    },
  },
  {
    name: 'after a pause past closing it accepts nothing, and may send until the hard end',
    needs: ['clock-jump'],
    async run(fixture) {
      const world = new World(fixture)
      const { closeAfterMs, hardEndAfterMs } = fixture.timing
      const { newest } = await world.leader({ drains: false })
      fixture.pause?.((closeAfterMs + hardEndAfterMs) / 2 + 1)
      expect([newest?.accepts(), newest?.isValid()]).toEqual([false, true])
      expect(newest?.remainingMs()).toBeLessThanOrEqual((hardEndAfterMs - closeAfterMs) / 2)
      await world.pass(hardEndAfterMs - closeAfterMs)
      expect(newest?.isValid()).toBe(false)
    },
  },
  {
    name: 'a paused leader that wakes up leads again only under a new term',
    needs: ['clock-jump'],
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      const first = seat.newest
      fixture.pause?.(fixture.timing.hardEndAfterMs * 3)
      await world.until('it leads again', () => seat.newest !== first && seat.leads, 2 * fixture.timing.takeoverMs)
      expect(seat.newest?.term).toBeGreaterThan(first?.term ?? 0n)
    },
  },
  {
    name: 'a wall clock stepped beyond the tolerance, either way, ends the leadership with "clock"',
    needs: ['wall-step'],
    async run(fixture) {
      for (const step of [3_600_000, -3_600_000]) {
        const world = new World(fixture)
        const seat = await world.leader()
        const leadership = seat.newest
        fixture.stepWall?.(seat.member, step)
        expect(leadership?.isValid()).toBe(false)
        expect(leadership?.ended.reason).toBe('clock')
        await world.until('it leads again', () => seat.leads, 2 * fixture.timing.takeoverMs)
        expect(seat.newest?.term).toBeGreaterThan(leadership?.term ?? 0n)
        await world.settled(seat.member.stop())
      }
    },
  },
  {
    name: 'a wall clock stepped within the tolerance does nothing',
    needs: ['wall-step'],
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      fixture.stepWall?.(seat.member, 50)
      await world.pass(fixture.timing.hardEndAfterMs)
      expect(seat.leads).toBe(true)
      expect(seat.leaderships).toHaveLength(1)
    },
  },
  {
    name: 'while the store fails a leader stays until closing, then until the hard end, and no longer',
    needs: ['store-faults'],
    async run(fixture) {
      const world = new World(fixture)
      const { closeAfterMs, hardEndAfterMs } = fixture.timing
      const seat = await world.leader({ drains: false })
      const leadership = seat.newest
      await fixture.breakStore?.()
      await world.until('it closes', () => !leadership?.accepts(), closeAfterMs + 100)
      expect(leadership?.isValid()).toBe(true)
      expect(leadership?.closing.reason).toBe('renewal-failed')
      expect(leadership?.remainingMs()).toBeGreaterThan(0)
      await world.until('it ends', () => !leadership?.isValid(), hardEndAfterMs - closeAfterMs + 100)
      expect(leadership?.ended.reason).toBe('renewal-failed')
      leadership?.drained()
    },
  },
  {
    name: 'failing rounds never end the election loop: it leads again after the store is back',
    needs: ['store-faults'],
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      const seen = record(seat.member)
      await fixture.breakStore?.()
      await world.pass(4 * fixture.timing.hardEndAfterMs)
      expect(seat.leads).toBe(false)
      const health = seen.states.at(-1)?.health
      expect(health?.status).not.toBe('up')
      expect(health?.failures).toBeGreaterThan(0)
      expect(health?.error?.code).toBe('DROMEDARY_CLUSTER_BACKEND')
      await fixture.healStore?.()
      await world.until('it leads again', () => seat.leads, 2 * fixture.timing.takeoverMs)
      await world.until('it is healthy', () => seen.states.at(-1)?.health.status === 'up', fixture.timing.closeAfterMs)
      expect(seen.errors).toEqual([])
    },
  },
  {
    name: 'a store that fails for a moment moves nothing',
    needs: ['store-faults'],
    async run(fixture) {
      const world = new World(fixture)
      const seat = await world.leader()
      await fixture.breakStore?.()
      await world.pass(fixture.timing.closeAfterMs / 2)
      await fixture.healStore?.()
      await world.pass(2 * fixture.timing.hardEndAfterMs)
      expect(seat.leads).toBe(true)
      expect(seat.leaderships).toHaveLength(1)
    },
  },
  {
    name: 'starting with a store that fails is a matter of health, not an error',
    needs: ['store-faults'],
    async run(fixture) {
      const world = new World(fixture)
      await fixture.breakStore?.()
      const seat = world.join(await world.member())
      await world.pass(fixture.timing.closeAfterMs)
      expect(seat.leaderships).toHaveLength(0)
      await fixture.healStore?.()
      await world.until('it leads', () => seat.leads, fixture.timing.takeoverMs)
    },
  },
]
