import { from } from '@dromedary/core'
import { defineComponent, type Exchange, sleep } from '@dromedary/core/component'
import { afterEach, describe, expect, it } from 'vitest'
import { type Fired, World } from './cluster-kit.ts'

type Fire = (exchange: Exchange) => void
const other = (fire: Fire) => from('master:other:tick:y').routeId('other').process(fire)
const one = (fire: Fire, ms = 1_000) => from(`master:ns:tick:x?every=${ms}`).routeId('one').process(fire)

/** Cannot start, as is known after a while. */
const broken = defineComponent({
  scheme: 'broken',
  title: 'Cannot start.',
  syntax: 'name',
  path: { name: 'Any.' },
  consumes: true,
  produces: false,
  endpoint: ({ uri }) => ({
    uri,
    consumer: ({ clock }) => ({
      start: async () => {
        await sleep(clock, 500)
        throw new Error('broken')
      },
      quiesce: () => {},
      close: () => {},
    }),
  }),
})

describe('a change of routes in a cluster', () => {
  let world = new World()
  afterEach(async () => {
    const last = world
    world = new World()
    await last.stop()
  })
  const terms = (fired: readonly Fired[]) => new Set(fired.map(({ term, member }) => `${member} ${term}`))

  /** Two members with both routes; gives the one that leads `ns`, and what makes its exchanges count. */
  const two = async () => {
    const fires: Fire[] = []
    const node = () =>
      world.node(
        fire => {
          fires.push(fire)
          return [one(fire), other(fire)]
        },
        45_000,
        [broken],
      )
    const nodes = [await node(), await node()]
    await world.clock.advance(10_000)
    const leads = nodes.findIndex(({ member }) => member.self.id === world.fired.find(f => f.routeId === 'one')?.member)
    const [leader, fire] = [nodes[leads], fires[leads]]
    if (leader === undefined || fire === undefined) throw new Error('nobody leads')
    return { leader, fire }
  }

  it('keeps the leadership of a route that is not changed, and its ticks', async () => {
    const { leader, fire } = await two()
    const kept = leader.context.route('one')
    // The function is the same: only the other route differs.
    const changed = from('master:other:tick:y?every=500').routeId('other').process(fire)
    await world.during(leader.context.changeRoutes([kept.definition, changed]))
    expect(leader.context.route('one')).toBe(kept)
    await world.clock.advance(10_000)
    const ofOne = world.fired.filter(({ routeId }) => routeId === 'one')
    expect(terms(ofOne).size).toBe(1)
    expect(ofOne.length).toBeGreaterThan(18)
  })

  it('keeps the leadership of a changed route of the same namespace', async () => {
    const { leader, fire } = await two()
    for (let change = 0; change < 5; change++) {
      await world.during(leader.context.changeRoutes([one(fire, 100 + change), other(fire)]))
      await world.clock.advance(5_000)
    }
    const ofOne = world.fired.filter(({ routeId }) => routeId === 'one')
    expect(terms(ofOne).size).toBe(1)
    expect(ofOne.every(({ valid }) => valid)).toBe(true)
    expect(ofOne.length).toBeGreaterThan(200)
  })

  it('keeps the leadership of a route without an id, whose options are edited', async () => {
    const unnamed = (fire: Fire, ms = 1_000) => from(`master:ns:tick:x?every=${ms}`).process(fire)
    const fires: Fire[] = []
    for (let count = 0; count < 2; count++) {
      await world.node(fire => {
        fires.push(fire)
        return [unnamed(fire)]
      })
    }
    await world.clock.advance(10_000)
    const leads = world.nodes.findIndex(({ member }) => member.self.id === world.fired[0]?.member)
    const [leader, fire] = [world.nodes[leads], fires[leads] as Fire]
    await world.during(leader?.context.changeRoutes([unnamed(fire, 500)]) ?? Promise.reject())
    await world.clock.advance(60_000)
    expect(terms(world.fired).size).toBe(1)
    expect(world.fired.length).toBeGreaterThan(100)
  })

  it('starts the new delegate when the old one has drained', async () => {
    const { leader, fire } = await two()
    const gate = Promise.withResolvers<void>()
    const slow = from('master:ns:tick:x?every=1000')
      .routeId('one')
      .process(fire)
      .process(() => gate.promise)
    await world.during(leader.context.changeRoutes([slow, other(fire)]))
    await world.clock.advance(3_000)
    const count = () => world.fired.filter(({ routeId }) => routeId === 'one').length
    const changing = leader.context.changeRoutes([one(fire, 100), other(fire)])
    await world.clock.advance(0)
    const before = count()
    await world.clock.advance(5_000)
    expect(count()).toBe(before)
    gate.resolve()
    await world.during(changing)
    await world.clock.advance(1_000)
    expect(count()).toBeGreaterThan(before + 8)
    expect(terms(world.fired.filter(({ routeId }) => routeId === 'one')).size).toBe(1)
  })

  it('keeps the leadership when the change fails and the old route is started again', async () => {
    const { leader, fire } = await two()
    const refused = leader.context.changeRoutes([
      one(fire, 100),
      other(fire),
      from('broken:x').routeId('broken').process(fire),
    ])
    refused.catch(() => {})
    await world.clock.advance(1_000)
    await expect(refused).rejects.toMatchObject({ code: 'DROMEDARY_START_FAILED' })
    expect(leader.context.routes.map(({ id, status }) => `${id} ${status}`)).toEqual(['one started', 'other started'])
    await world.clock.advance(10_000)
    expect(terms(world.fired.filter(({ routeId }) => routeId === 'one')).size).toBe(1)
  })

  it('gives the leadership up when the route is removed', async () => {
    const { leader, fire } = await two()
    await world.during(leader.context.changeRoutes([other(fire)]))
    await world.clock.advance(10_000)
    const members = new Set(world.fired.filter(({ routeId }) => routeId === 'one').map(({ member }) => member))
    expect(members.size).toBe(2)
  })
})
