import { from, type RouteSource } from '@dromedary/core'
import { type Exchange, sleep } from '@dromedary/core/component'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChangeWorld } from './change-kit.ts'
import { World } from './cluster-kit.ts'

type Fire = (exchange: Exchange) => void

/** Sets of routes that a member may run; the number makes each version another one. */
const SETS: Readonly<Record<string, (fire: Fire, version: number) => RouteSource[]>> = {
  one: (fire, version) => [
    from(`master:ns:tick:x?every=${300 + version}`)
      .routeId('one')
      .process(fire),
  ],
  renamed: (fire, version) => [
    from(`master:ns:tick:x?every=${300 + version}`)
      .routeId('renamed')
      .process(fire),
  ],
  two: (fire, version) => [
    from(`master:ns:tick:x?every=${300 + version}`)
      .routeId('one')
      .process(fire),
    from('master:ns:tick:y?every=400').routeId('kept').process(fire),
  ],
  elsewhere: (fire, version) => [
    from(`master:other:tick:x?every=${300 + version}`)
      .routeId('one')
      .process(fire),
  ],
  none: () => [],
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('change' as const),
    member: fc.integer({ min: 0, max: 1 }),
    to: fc.constantFrom(...Object.keys(SETS)),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 5, 350, 3_000, 20_000) }),
)

it('never makes two members lead, and every exchange stands under a leadership that is valid', async () => {
  let fired = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
      const world = new World()
      const fires: Fire[] = []
      /** Of each exchange in `world.fired`. */
      const namespaces: unknown[] = []
      const node = () =>
        world.node(fire => {
          const named: Fire = exchange => {
            namespaces.push(exchange.guard?.leadership?.namespace)
            fire(exchange)
          }
          fires.push(named)
          return SETS['one']?.(named, 0) ?? []
        })
      const nodes = [await node(), await node()]
      const changes: Promise<unknown>[] = []
      for (const [version, one] of steps.entries()) {
        if (one.do === 'pass') await world.clock.advance(one.ms)
        else {
          const routes = SETS[one.to]?.(fires[one.member] as Fire, version + 1) ?? []
          changes.push(nodes[one.member]?.context.changeRoutes(routes) as Promise<unknown>)
        }
      }
      await world.during(Promise.all(changes))
      await world.clock.advance(30_000)
      const wanted = [...steps].reverse()
      for (const [member, { context }] of nodes.entries()) {
        const last = wanted.find(one => one.do === 'change' && one.member === member)
        const set = last?.do === 'change' ? last.to : 'one'
        const ids = SETS[set]?.(() => {}, 0).map(route => ('definition' in route ? route.definition.id : route.id))
        expect(context.routes.map(({ id }) => id)).toEqual(ids)
        expect(context.routes.every(({ status }) => status === 'started')).toBe(true)
      }
      // Somebody leads whatever is wanted by anybody.
      const before = world.fired.length
      await world.clock.advance(5_000)
      expect(world.fired.length > before).toBe(nodes.some(({ context }) => context.routes.length > 0))
      await world.stop()
      expect(world.fired.filter(({ valid }) => !valid)).toEqual([])
      const owners = new Map<string, string>()
      for (const [at, { term, member }] of world.fired.entries()) {
        const led = `${namespaces[at]} ${term}`
        expect(owners.get(led) ?? member).toBe(member)
        owners.set(led, member)
      }
      fired += world.fired.length
      expect(world.cluster.reported).toEqual([])
    }),
    { numRuns: 60 },
  )
  expect(fired).toBeGreaterThan(1_000)
})

it('keeps the leadership while what is led is there, whatever is refused, and never has two delegates at work', async () => {
  const changed = fc.record({
    do: fc.constant('change' as const),
    isBroken: fc.boolean(),
    withOther: fc.boolean(),
    hasId: fc.boolean(),
    takesMs: fc.constantFrom(0, 0, 1_500, 10_000),
  })
  const passed = fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 100, 600, 1_900, 2_400, 15_000) })
  const counts = { done: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(changed, passed), { minLength: 2, maxLength: 10 }), async steps => {
      const world = new ChangeWorld()
      const one = (fire: Fire, version: number, takesMs: number, hasId: boolean) => {
        const route = from(`master:ns:warm:x?v=${version}`)
          .process(fire)
          .process(() => sleep(world.clock, takesMs).then(() => {}))
        return hasId ? route.routeId('one') : route
      }
      const { leader, follower, fire } = await world.two(own => [one(own, 0, 0, true)])
      const term = world.fired.at(-1)?.term
      const before = world.fired.length
      const changes: Promise<unknown>[] = []
      for (const [version, step] of steps.entries()) {
        if (step.do === 'pass') await world.clock.advance(step.ms)
        else {
          const routes: RouteSource[] = [one(fire, version + 1, step.takesMs, step.hasId)]
          if (step.withOther) routes.push(from(`warm:cold-other?v=${version}`).routeId('other').log('x'))
          if (step.isBroken) routes.push(from('broken:x').routeId('broken').log('x'))
          const counted = leader.context.changeRoutes(routes).then(
            () => counts.done++,
            error => {
              expect(String(error)).toMatch(/broken/)
              counts.refused++
            },
          )
          changes.push(counted)
        }
      }
      await world.during(Promise.all(changes))
      await world.clock.advance(20_000)
      const fired = world.fired.slice(before)
      expect(fired.length).toBeGreaterThan(10)
      expect(fired.filter(one => one.term !== term || !one.valid)).toEqual([])
      expect(leader.context.routes.filter(({ status }) => status !== 'started')).toEqual([])
      expect(world.atOnce).toBeLessThanOrEqual(1)
      expect(world.firedBy(follower)).toBe(0)
      await world.stop()
    }),
    { numRuns: 40 },
  )
  expect(counts.done).toBeGreaterThan(20)
  expect(counts.refused).toBeGreaterThan(20)
})
