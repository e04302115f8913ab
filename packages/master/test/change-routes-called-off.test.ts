import { from } from '@dromedary/core'
import { sleep } from '@dromedary/core/component'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChangeWorld, type Fire } from './change-kit.ts'

it('keeps the leadership through a change that is called off at whatever moment, and never has two delegates at work', async () => {
  const step = fc.record({
    takesMs: fc.constantFrom(0, 1_500, 10_000),
    /** A second new route, which hangs or not. */
    hangs: fc.boolean(),
    offAfterMs: fc.integer({ min: 0, max: 130 }).map(tenths => tenths * 100),
    thenMs: fc.constantFrom(0, 100, 2_400, 15_000),
  })
  const counts = { done: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async steps => {
      const world = new ChangeWorld()
      const one = (fire: Fire, version: number, takesMs: number) =>
        from(`master:ns:warm:x?v=${version}`)
          .process(fire)
          .process(() => sleep(world.clock, takesMs).then(() => {}))
          .routeId('one')
      const { leader, follower, fire } = await world.two(own => [one(own, 0, 1_500)])
      const term = world.fired.at(-1)?.term
      const before = world.fired.length
      const reason = new Error('called off')
      const changes: Promise<unknown>[] = []
      for (const [version, { takesMs, hangs, offAfterMs, thenMs }] of steps.entries()) {
        const controller = new AbortController()
        const other = from(`hangs:x?v=${version}`).routeId('other').log('x')
        const routes = [one(fire, version + 1, takesMs), ...(hangs ? [other] : [])]
        const counted = leader.context.changeRoutes(routes, controller).then(
          () => counts.done++,
          error => {
            expect(error).toBe(reason)
            counts.refused++
          },
        )
        changes.push(counted)
        await world.clock.advance(offAfterMs)
        controller.abort(reason)
        await world.clock.advance(thenMs)
      }
      await world.during(Promise.all(changes))
      await world.clock.advance(20_000)
      const fired = world.fired.slice(before)
      expect(fired.length).toBeGreaterThan(5)
      expect(fired.filter(({ valid }) => !valid)).toEqual([])
      expect(new Set(fired.map(one => one.term))).toEqual(new Set([term]))
      expect(leader.context.routes.filter(({ status }) => status !== 'started')).toEqual([])
      expect(world.atOnce).toBeLessThanOrEqual(1)
      expect(world.firedBy(follower)).toBe(0)
      await world.stop()
    }),
    { numRuns: 60 },
  )
  expect(counts.done).toBeGreaterThan(10)
  expect(counts.refused).toBeGreaterThan(20)
})
