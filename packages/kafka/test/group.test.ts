import type { Exchange } from '@dromedary/core/component'
import { FakeClock, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { reading } from './support/kit.ts'
import { KafkaFault, MemoryKafka } from './support/memory-kafka.ts'

const EARLIEST = 'kafka:orders?autoOffsetReset=earliest'

describe('members of a group', () => {
  it('share the partitions, and each record enters once', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 4)
    const one = await reading(EARLIEST, { memory, topics: { orders: 4 } })
    const two = await reading(EARLIEST, { memory, topics: { orders: 4 } })
    for (let partition = 0; partition < 4; partition++)
      memory.write('orders', [`${partition}a`, `${partition}b`], partition)
    await one.clock.advance(600)
    expect(one.route.bodies).toHaveLength(4)
    expect(two.route.bodies).toHaveLength(4)
    expect([...one.route.bodies, ...two.route.bodies].toSorted()).toEqual([
      '0a',
      '0b',
      '1a',
      '1b',
      '2a',
      '2b',
      '3a',
      '3b',
    ])
  })

  it('are consumersCount of one endpoint, each under its own id', async () => {
    const { memory, route, clock } = await reading(`${EARLIEST}&consumersCount=3&groupInstanceId=me`, {
      topics: { orders: 3 },
    })
    const members = memory.group('g').members
    expect(members.map(({ settings }) => settings.groupInstanceId)).toEqual(['me-1', 'me-2', 'me-3'])
    expect(members.map(({ assigned }) => assigned.size)).toEqual([1, 1, 1])
    for (const partition of [0, 1, 2]) memory.write('orders', [String(partition)], partition)
    await clock.advance(600)
    expect(route.bodies.toSorted()).toEqual(['0', '1', '2'])
  })
})

describe('when partitions move', () => {
  it('exchanges under way end first, and are committed: none comes twice', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 2)
    let end = () => {}
    const one = await reading(EARLIEST, {
      memory,
      topics: { orders: 2 },
      route: (exchange: Exchange) =>
        exchange.body === 'slow' ? new Promise<void>(resolve => (end = resolve)) : undefined,
    })
    memory.write('orders', ['slow', 'after'], 1)
    await one.clock.advance(600)
    const two = reading(EARLIEST, { memory, topics: { orders: 2 } })
    await one.clock.advance(3_000)
    expect(one.route.bodies).toEqual(['slow'])
    end()
    await settle()
    const { route } = await two
    await one.clock.advance(600)
    expect(one.route.bodies).toEqual(['slow'])
    expect(route.bodies).toEqual(['after'])
    expect(memory.committed('g', 'orders', 1)).toBe(1)
  })

  it('they are not waited for longer than the group has patience', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 2)
    const query = '&sessionTimeoutMs=9000&heartbeatIntervalMs=3000'
    const stuck = await reading(EARLIEST + query, { memory, topics: { orders: 2 }, route: () => new Promise(() => {}) })
    memory.write('orders', ['stuck'], 1)
    await stuck.clock.advance(600)
    const two = reading(EARLIEST, { memory, topics: { orders: 2 } })
    await stuck.clock.advance(4_400)
    expect(memory.group('g').members).toHaveLength(1)
    await stuck.clock.advance(200)
    const { route } = await two
    await stuck.clock.advance(600)
    // It comes again: the other one never said that it was done.
    expect(route.bodies).toEqual(['stuck'])
  })

  it('what stays goes on where it was, without a record twice', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 2)
    const one = await reading(EARLIEST, { memory, topics: { orders: 2 } })
    memory.write('orders', ['a', 'b'], 0)
    await one.clock.advance(600)
    const two = await reading(EARLIEST, { memory, topics: { orders: 2 } })
    memory.write('orders', ['c'], 0)
    await one.clock.advance(600)
    expect(one.route.bodies).toEqual(['a', 'b', 'c'])
    expect(two.route.bodies).toEqual([])
  })

  it('one that was out of the group in between begins at what the others committed', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    const one = await reading(EARLIEST, { memory })
    memory.write('orders', ['a'])
    await one.clock.advance(600)
    const [member] = memory.group('g').members
    if (!member) throw new Error('no member')
    // Cut off and thrown out; another one read b, and committed it.
    memory.fault = new KafkaFault('retriable', 'cut off')
    memory.group('g').evict(member)
    memory.write('orders', ['b', 'c'])
    memory.group('g').committed.set('orders-0', 2n)
    await one.clock.advance(600)
    member.settings.events.lost(new KafkaFault('rejoin', 'session timed out'))
    memory.fault = undefined
    await one.clock.advance(2_000)
    expect(member.joins).toBe(2)
    expect(one.route.bodies).toEqual(['a', 'c'])
  })

  it('one that was lost lets nothing in before it has joined again', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    const { route, clock } = await reading(EARLIEST, { memory })
    const [member] = memory.group('g').members
    if (!member) throw new Error('no member')
    const join = member.join.bind(member)
    member.join = () => Promise.reject(new KafkaFault('retriable'))
    member.settings.events.lost(new KafkaFault('rejoin'))
    memory.write('orders', ['a'])
    await clock.advance(5_000)
    expect(route.bodies).toEqual([])
    member.join = join
    await clock.advance(2_000)
    expect(route.bodies).toEqual(['a'])
  })

  it('a partition that went before it was known where to begin is not begun', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    const { route, clock } = await reading(EARLIEST, { memory })
    const [member] = memory.group('g').members
    if (!member) throw new Error('no member')
    const answer = Promise.withResolvers<void>()
    const committed = member.committed.bind(member)
    member.committed = async places => {
      await answer.promise
      return committed(places)
    }
    const mine = [{ topic: 'orders', partition: 0 }]
    member.settings.events.assigned(mine, false)
    member.settings.events.assigned([], true)
    answer.resolve()
    memory.write('orders', ['a'])
    await clock.advance(2_000)
    expect(route.bodies).toEqual([])
    member.settings.events.assigned(mine, true)
    await clock.advance(1_000)
    expect(route.bodies).toEqual(['a'])
  })

  it('a partition that went does not come back with what it had fetched', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 2)
    const ends: (() => void)[] = []
    const one = await reading(EARLIEST, {
      memory,
      topics: { orders: 2 },
      route: () => new Promise<void>(end => ends.push(end)),
    })
    memory.write('orders', ['a', 'b', 'c'], 1)
    await one.clock.advance(600)
    const two = reading(EARLIEST, { memory, topics: { orders: 2 } })
    await settle()
    ends.shift()?.()
    await settle()
    const second = await two
    await one.clock.advance(600)
    await second.stop()
    await one.clock.advance(600)
    while (ends.length > 0) {
      ends.shift()?.()
      await one.clock.advance(600)
    }
    expect(second.route.bodies).toEqual(['b', 'c'])
    expect(one.route.bodies).toEqual(['a'])
  })
})

describe('brokers that are away', () => {
  it('at the start: start() resolves, it is said once, and it reads when they come', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    memory.write('orders', ['a'])
    memory.fault = new KafkaFault('retriable', 'connection refused')
    const { route, clock } = await reading(EARLIEST, { memory })
    await clock.advance(60_000)
    expect(route.states).toEqual(['disconnected'])
    memory.fault = undefined
    await clock.advance(1_500)
    expect(route.states).toEqual(['disconnected', 'connected'])
    expect(route.bodies).toEqual(['a'])
  })

  it('later: it goes on by itself, and says so once each', async () => {
    const { memory, route, clock } = await reading(EARLIEST)
    memory.write('orders', ['a'])
    await clock.advance(600)
    memory.fault = new KafkaFault('retriable', 'connection refused')
    await clock.advance(120_000)
    memory.fault = undefined
    memory.write('orders', ['b'])
    await clock.advance(2_000)
    expect(route.states).toEqual(['connected', 'disconnected', 'connected'])
    expect(route.bodies).toEqual(['a', 'b'])
    await clock.advance(5_000)
    expect(memory.committed('g', 'orders')).toBe(2)
  })

  it('for less than a second are no news', async () => {
    const { memory, route, clock } = await reading(EARLIEST)
    await clock.advance(600)
    memory.fault = new KafkaFault('retriable')
    memory.wake()
    await clock.advance(500)
    memory.fault = undefined
    await clock.advance(2_000)
    expect(route.states).toEqual(['connected'])
  })

  it('a member that the group lost joins again, with pauses', async () => {
    const { memory, clock } = await reading(EARLIEST)
    const [member] = memory.group('g').members
    if (!member) throw new Error('no member')
    let tries = 0
    const partitionCounts = member.partitionCounts.bind(member)
    member.partitionCounts = topics => {
      tries++
      return partitionCounts(topics)
    }
    memory.fault = new KafkaFault('retriable')
    member.settings.events.lost(new KafkaFault('rejoin', 'gone'))
    await clock.advance(10_000)
    // 100 ms, 200 ms … 1 s.
    expect(tries).toBeGreaterThan(8)
    expect(tries).toBeLessThan(20)
    memory.fault = undefined
    await clock.advance(1_000)
    expect(member.joins).toBe(2)
  })
})

describe('a partition that cannot be read', () => {
  it('does not keep the others from being read', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 3)
    const { route, clock } = await reading(EARLIEST, { memory, topics: { orders: 3 } })
    memory.fetchFaults.set('orders-1', new KafkaFault('refused', 'not authorized'))
    for (const partition of [0, 1, 2]) memory.write('orders', [String(partition)], partition)
    await clock.advance(3_000)
    expect(route.bodies.toSorted()).toEqual(['0', '2'])
    expect(route.states).toEqual(['connected', 'disconnected'])
    memory.fetchFaults.clear()
    await clock.advance(3_000)
    expect(route.bodies.toSorted()).toEqual(['0', '1', '2'])
    expect(route.states).toEqual(['connected', 'disconnected', 'connected'])
  })
})

describe('requests', () => {
  it('are short while a partition is full, and get longer while it stays so', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 2)
    const { clock } = await reading(EARLIEST, { memory, topics: { orders: 2 }, route: () => new Promise(() => {}) })
    const [member] = memory.group('g').members
    memory.write(
      'orders',
      Array.from({ length: 5_000 }, (_, at) => String(at)),
      0,
    )
    await clock.advance(10_000)
    const waits = member?.limits.map(({ maxWaitMs }) => maxWaitMs) ?? []
    expect(waits).toContain(20)
    expect(waits.at(-1)).toBe(500)
    expect(waits.length).toBeLessThan(40)
  })
})
