import { from } from '@dromedary/core'
import { afterEach, describe, expect, it } from 'vitest'
import { ChangeWorld, type Fire } from './change-kit.ts'

/** Its successor warms up for two seconds before it campaigns. */
const one = (fire: Fire, version = 0) => from(`master:ns:warm:x?v=${version}`).routeId('one').process(fire)

let world = new ChangeWorld()
afterEach(async () => {
  const last = world
  world = new ChangeWorld()
  await last.stop()
})

describe('a route that is suspended while its successor joins', () => {
  const role = (member: {
    observe(namespace: string): { subscribe(on: (state: { role: string }) => void): unknown }
  }) => {
    let seen = ''
    member.observe('ns').subscribe(state => {
      seen = state.role
    })
    return () => seen
  }

  it('leaves the leadership to others', async () => {
    const { leader, follower, fire } = await world.two(fire => [one(fire)])
    const changing = leader.context.changeRoutes([one(fire, 1)])
    await world.clock.advance(1_000)
    await world.during(leader.context.route('one').suspend())
    await world.during(changing)
    expect(leader.context.route('one').status).toBe('stopped')
    const leads = role(leader.member)
    await world.clock.advance(10_000)
    expect(leads()).toBe('off')
    const count = world.firedBy(follower)
    await world.clock.advance(60_000)
    expect(world.firedBy(follower) - count).toBeGreaterThan(50)
  })

  it('does so while the change still waits for another one', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = (version: number) =>
      from(`warm:cold-other?v=${version}`)
        .routeId('slow')
        .process(() => gate.promise)
    const { leader, fire } = await world.two(fire => [one(fire), slow(0)])
    const changing = leader.context.changeRoutes([one(fire, 1), slow(1)])
    await world.clock.advance(1_000)
    await world.during(leader.context.route('one').suspend())
    const leads = role(leader.member)
    await world.clock.advance(10_000)
    expect(leads()).toBe('off')
    gate.resolve()
    await world.during(changing)
  })
})
