import { from } from '@dromedary/core'
import { defineComponent, type Exchange } from '@dromedary/core/component'
import { afterEach, describe, expect, it } from 'vitest'
import { World } from './cluster-kit.ts'

describe('master: on an in-memory cluster', () => {
  let world = new World()
  afterEach(async () => {
    const last = world
    world = new World()
    await last.stop()
  })

  it('fires on one member of three, under one term', async () => {
    await world.node()
    await world.node()
    await world.node()
    await world.clock.advance(60_000)
    expect(new Set(world.fired.map(one => one.member)).size).toBe(1)
    expect(new Set(world.fired.map(one => one.term)).size).toBe(1)
    expect(typeof world.fired[0]?.term).toBe('bigint')
    expect(world.fired.length).toBeGreaterThan(58)
    expect(world.fired.every(one => one.valid)).toBe(true)
  })

  it('stopping the leader hands over at once, without a tick by both', async () => {
    const first = await world.node()
    const second = await world.node()
    await world.clock.advance(10_000)
    await world.during(first.context.stop())
    const stoppedAt = world.clock.monotonic()
    const before = world.firedBy(first)
    await world.clock.advance(1_500)
    expect(world.firedBy(second)).toBe(1)
    expect(world.firedBy(first)).toBe(before)
    expect((world.fired.at(-1)?.at ?? 0) - stoppedAt).toBeLessThan(1_100)
  })

  it('a killed leader is followed within a lease, under a greater term', async () => {
    const first = await world.node()
    const second = await world.node()
    await world.clock.advance(10_000)
    world.kill(first)
    await world.clock.advance(17_000)
    expect(world.firedBy(second)).toBeGreaterThan(0)
    const terms = [...new Set(world.fired.map(one => one.term as bigint))]
    expect(terms).toHaveLength(2)
    expect(terms[1]).toBeGreaterThan(terms[0] ?? 0n)
  })

  it('a frozen leader that wakes up fires nothing until it leads anew', async () => {
    const first = await world.node()
    const second = await world.node()
    await world.clock.advance(10_000)
    first.member.clock.freeze()
    await world.clock.advance(30_000)
    const before = world.firedBy(first)
    expect(world.firedBy(second)).toBeGreaterThan(10)
    first.member.clock.thaw()
    await world.clock.advance(30_000)
    expect(world.firedBy(first)).toBe(before)
    expect(world.fired.every(one => one.valid)).toBe(true)
  })

  it('a blocked loop: the late timer runs before the lease timer, and its exchange is refused', async () => {
    const first = await world.node()
    await world.clock.advance(10_000)
    const before = world.firedBy(first)
    world.clock.pause(60_000)
    await world.clock.advance(0)
    expect(world.firedBy(first)).toBe(before)
    await world.clock.advance(40_000)
    expect(world.firedBy(first)).toBeGreaterThan(before)
    expect(new Set(world.fired.map(one => one.term)).size).toBe(2)
  })

  it('suspending the route moves the work, resuming takes part again', async () => {
    const first = await world.node()
    const second = await world.node()
    await world.clock.advance(5_000)
    await world.during(first.context.route('clustered').suspend())
    await world.clock.advance(5_000)
    expect(world.firedBy(second)).toBeGreaterThan(0)
    await world.during(first.context.route('clustered').resume())
    const before = world.firedBy(first)
    await world.clock.advance(5_000)
    expect(world.firedBy(first)).toBe(before)
    await world.during(second.context.route('clustered').suspend())
    await world.clock.advance(5_000)
    expect(world.firedBy(first)).toBeGreaterThan(before)
  })

  it('two routes on one namespace run on the same member, and it is released when both have drained', async () => {
    const gates: (() => void)[] = []
    const slowly = () => new Promise<void>(resolve => gates.push(resolve))
    const first = await world.node(fire => [
      from('master:ns:tick:a').routeId('a').process(fire),
      from('master:ns:tick:b?every=2500').routeId('b').process(fire).process(slowly),
    ])
    const second = await world.node(fire => [
      from('master:ns:tick:a').routeId('a').process(fire),
      from('master:ns:tick:b').routeId('b').process(fire),
    ])
    await world.clock.advance(3_000)
    expect(new Set(world.fired.map(one => `${one.member} ${one.term}`)).size).toBe(1)
    expect(new Set(world.fired.map(one => one.routeId)).size).toBe(2)
    const stopped = first.context.stop()
    await world.clock.advance(20_000)
    expect(world.firedBy(second)).toBe(0)
    for (const open of gates) open()
    await world.during(stopped)
    await world.clock.advance(3_000)
    expect(world.firedBy(second)).toBeGreaterThan(2)
  })

  it('work that outlives the shutdown time-out is never released over: the successor waits for the lease', async () => {
    const stuck: Exchange[] = []
    const hang = (exchange: Exchange) => {
      stuck.push(exchange)
      return new Promise<void>(() => {})
    }
    const first = await world.node(
      fire => [from('master:ns:tick:x?every=5s').routeId('clustered').process(fire).process(hang)],
      3_000,
    )
    const second = await world.node()
    await world.clock.advance(5_500)
    expect(stuck).toHaveLength(1)
    await world.during(first.context.stop())
    expect([stuck[0]?.signal.aborted, stuck[0]?.guard?.isValid()]).toEqual([true, false])
    await world.clock.advance(10_000)
    expect(world.firedBy(second)).toBe(0)
    await world.clock.advance(10_000)
    expect(world.firedBy(second)).toBeGreaterThan(0)
  })

  it('a leader whose delegate cannot start hands over, and the other one consumes', async () => {
    const broken = defineComponent({
      scheme: 'broken',
      title: 'Never starts.',
      syntax: 'name',
      path: { name: 'Any.' },
      consumes: true,
      produces: false,
      endpoint: at => ({
        uri: at.uri,
        consumer: () => ({
          start: () => Promise.reject(new Error('broker not there')),
          quiesce: () => {},
          close: () => {},
        }),
      }),
    })
    const first = await world.node(() => [from('master:ns:broken:x').routeId('clustered').log('x')], 45_000, [broken])
    const second = await world.node()
    await world.clock.advance(44_000)
    expect(world.firedBy(second)).toBe(0)
    await world.clock.advance(3_000)
    expect(world.firedBy(second)).toBeGreaterThan(0)
    const failures = first.logs.filter(line => line.message.includes('attempt 10 of 10'))
    expect(failures.map(line => line.level)).toEqual(['error'])
  })

  it('says when it consumes and when it stops, with the term', async () => {
    const first = await world.node()
    await world.clock.advance(1_500)
    const term = world.fired[0]?.term
    await world.during(first.context.stop())
    const lines = first.logs.filter(line => line.message.includes('consuming'))
    expect(lines.map(line => [line.level, line.message])).toEqual([
      ['info', `consuming from tick://x as leader of ns, term ${term}`],
      ['info', `stopped consuming from tick://x (stopped), term ${term} of ns`],
    ])
  })
})
