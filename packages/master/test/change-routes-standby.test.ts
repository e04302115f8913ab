import {
  constant,
  createContext,
  from,
  memoryAggregationRepository,
  type RouteSource,
  silentSink,
  useLatest,
} from '@dromedary/core'
import type { Exchange } from '@dromedary/core/component'
import { afterEach, describe, expect, it } from 'vitest'
import { master } from '../src/index.ts'
import { ChangeWorld, type Fire } from './change-kit.ts'
import { tick } from './cluster-kit.ts'

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

describe('work on standby that hangs from the second time on', () => {
  const started = async (routes: RouteSource[]) => {
    const cluster = world.cluster.member()
    let calls = 0
    const onStandby = () => (++calls > 1 ? new Promise<void>(() => {}) : undefined)
    const context = createContext({
      clock: cluster.clock,
      cluster,
      components: [master({ onStandby }), tick],
      shutdownTimeout: 5_000,
      log: silentSink,
      routes,
    })
    await world.during(context.start())
    await world.clock.advance(10_000)
    return context
  }
  const ticking = (ms: number) => from(`master:ns:tick:x?every=${ms}`).routeId('one').log('x')

  it('holds up neither the change for ever nor the stop', async () => {
    const context = await started([ticking(1_000)])
    expect(await world.during(context.changeRoutes([ticking(500)]))).toMatchObject({ replaced: ['one'] })
    await world.during(context.stop())
  })

  it('does not keep called routes from handing on what they keep, at a stop', async () => {
    const out: unknown[] = []
    const called = from('direct:a')
      .routeId('a')
      .aggregate(constant('k'), { aggregationStrategy: useLatest(), completionSize: 9, forceCompletionOnStop: true })
      .process(exchange => void out.push(exchange.body))
      .end()
    const context = await started([ticking(1_000), called])
    await context.template.sendBody('direct:a', 'kept back')
    context.changeRoutes([ticking(500), called]).catch(() => {})
    await world.clock.advance(1_000)
    await world.during(context.stop())
    expect(out).toEqual(['kept back'])
  })
})

it('what was ended by force may not send any more when the new delegate works', async () => {
  const gate = Promise.withResolvers<void>()
  const valid: (boolean | undefined)[] = []
  let stuck: Exchange | undefined
  const ticking = (fire: Fire, version: number) =>
    from(`master:ns:tick:x?every=${1_000 + version}`)
      .routeId('one')
      .process(() => {
        if (version > 0) valid.push(stuck?.guard?.isValid())
      })
      .process(fire)
      .process(exchange => {
        if (stuck !== undefined) return
        stuck = exchange
        return gate.promise
      })
  const { leader, fire } = await world.two(fire => [ticking(fire, 0)], 5_000)
  await world.during(leader.context.changeRoutes([ticking(fire, 1)]))
  await world.clock.advance(20_000)
  gate.resolve()
  await world.clock.advance(60_000)
  expect(valid.length).toBeGreaterThan(0)
  expect(valid.filter(Boolean)).toEqual([])
})

it('leadership is kept when another new route fails at once while the new one still warms up', async () => {
  const { leader, fire } = await world.two(fire => [one(fire)])
  const term = world.fired.at(-1)?.term
  const refused = leader.context.changeRoutes([one(fire, 1), from('broken:x').routeId('broken').log('x')])
  refused.catch(() => {})
  await world.clock.advance(60_000)
  await expect(refused).rejects.toThrow(/broken/)
  expect(leader.context.route('one').status).toBe('started')
  expect(world.fired.at(-1)?.term).toBe(term)
})

it('groups that an old called route left complete by time-out in the new one', async () => {
  const cluster = world.cluster.member()
  const aggregationRepository = memoryAggregationRepository()
  const out: unknown[] = []
  const sent = (exchange: Exchange) => void out.push(exchange.body)
  const gather = (message: string) =>
    from('direct:a')
      .routeId('a')
      .aggregate(constant('k'), { aggregationStrategy: useLatest(), aggregationRepository, completionTimeout: 5_000 })
      .log(message)
      .process(sent)
      .end()
  const context = createContext({ clock: cluster.clock, cluster, log: silentSink, routes: [gather('1')] })
  await world.during(context.start())
  await context.template.sendBody('direct:a', 'one')
  await world.during(context.changeRoutes([gather('2')]))
  await world.clock.advance(60_000)
  expect(out).toEqual(['one'])
  await world.during(context.stop())
})
