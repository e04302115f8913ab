import { FakeClock } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { reading } from './support/kit.ts'
import { MemoryKafka } from './support/memory-kafka.ts'

/** Topic orders with three records. */
function filled(partitions = 1): MemoryKafka {
  const memory = new MemoryKafka(new FakeClock()).topic('orders', partitions)
  memory.write('orders', ['a', 'b', 'c'])
  return memory
}

async function bodies(query: string, memory: MemoryKafka, topics: Record<string, number> = { orders: 1 }) {
  const run = await reading(`kafka:orders${query}`, { memory, topics })
  await run.clock.advance(600)
  return run
}

describe('a group without a position begins', () => {
  it('by default with what comes from now on', async () => {
    const { memory, route, clock } = await bodies('', filled())
    expect(route.bodies).toEqual([])
    memory.write('orders', ['d'])
    await clock.advance(600)
    expect(route.bodies).toEqual(['d'])
  })

  it('with autoOffsetReset=earliest with the oldest record', async () => {
    expect((await bodies('?autoOffsetReset=earliest', filled())).route.bodies).toEqual(['a', 'b', 'c'])
  })

  it('with autoOffsetReset=none not at all, and says so', async () => {
    const { route } = await bodies('?autoOffsetReset=none', filled())
    expect(route.bodies).toEqual([])
    expect(route.errors).toHaveLength(1)
    expect(String(route.errors[0]?.error)).toMatch(/orders-0.*autoOffsetReset/)
  })
})

describe('autoOffsetReset=latest loses nothing afterwards:', () => {
  it('what comes while a consumer that has read nothing yet is away is read when it is back', async () => {
    const memory = filled()
    const first = await bodies('', memory)
    // Also where it does not end, but dies.
    expect(memory.committed('g', 'orders')).toBe(3)
    await first.stop()
    memory.write('orders', ['d'])
    expect((await bodies('', memory)).route.bodies).toEqual(['d'])
  })

  it('partitions that are added later are read from their start', async () => {
    const { memory, route, clock } = await bodies('?metadataMaxAgeMs=1000', filled())
    memory.topic('orders', 3)
    memory.write('orders', ['early'], 2)
    await clock.advance(2_000)
    expect(route.bodies).toEqual(['early'])
  })

  it('after a position that is gone comes the oldest record that is left, and a warning', async () => {
    const memory = filled()
    memory.group('g').committed.set('orders-0', 0n)
    memory.starts.set('orders-0', 2)
    const { route } = await bodies('', memory)
    expect(route.bodies).toEqual(['c'])
    expect(route.logs.map(({ level, message }) => `${level} ${message}`)).toEqual([
      expect.stringMatching(/^warn orders-0@0 is not in the topic any more.*goes on at 2/),
    ])
  })
})

describe('a position that is not in the partition', () => {
  it('past its end is what autoOffsetReset says', async () => {
    for (const [query, expected] of [
      ['?autoOffsetReset=earliest', ['a', 'b', 'c', 'd']],
      ['?autoOffsetReset=latest', ['d']],
      ['?autoOffsetReset=none', []],
    ] as const) {
      const memory = filled()
      memory.group('g').committed.set('orders-0', 99n)
      const run = await bodies(query, memory)
      memory.write('orders', ['d'])
      await run.clock.advance(600)
      expect(run.route.bodies, query).toEqual(expected)
      expect(run.route.errors.length, query).toBe(expected.length === 0 ? 1 : 0)
      await run.stop()
    }
  })
})

describe('seekTo', () => {
  it('BEGINNING reads all at each start, whatever was committed', async () => {
    const memory = filled()
    for (let start = 0; start < 2; start++) {
      const { route, stop } = await bodies('?seekTo=BEGINNING', memory)
      expect(route.bodies).toEqual(['a', 'b', 'c'])
      await stop()
    }
    expect(memory.committed('g', 'orders')).toBe(3)
  })

  it('END skips what is there', async () => {
    const memory = filled()
    memory.group('g').committed.set('orders-0', 1n)
    const { route, clock } = await bodies('?seekTo=end', memory)
    memory.write('orders', ['d'])
    await clock.advance(600)
    expect(route.bodies).toEqual(['d'])
  })

  it('holds for the start, not for each time that partitions move', async () => {
    const memory = filled(2)
    memory.write('orders', ['d'], 1)
    const one = await bodies('?seekTo=BEGINNING', memory, { orders: 2 })
    const two = await bodies('', memory, { orders: 2 })
    await two.stop()
    await one.clock.advance(600)
    expect(one.route.bodies.toSorted()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('topics', () => {
  it('are several, separated by commas', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders').topic('bills')
    const { route, clock } = await reading('kafka:orders,bills?autoOffsetReset=earliest', { memory })
    memory.write('orders', ['o'])
    memory.write('bills', ['b'])
    await clock.advance(600)
    expect(route.bodies.toSorted()).toEqual(['b', 'o'])
  })

  it('are those that a pattern matches as a whole, also later', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders-eu').topic('my-orders-eu')
    const uri = 'kafka:orders-.*?topicIsPattern=true&autoOffsetReset=earliest&metadataMaxAgeMs=1000'
    const { route, clock } = await reading(uri, { memory, topics: {} })
    memory.write('orders-eu', ['eu'])
    memory.write('my-orders-eu', ['mine'])
    await clock.advance(600)
    expect(route.bodies).toEqual(['eu'])
    memory.topic('orders-us')
    memory.write('orders-us', ['us'])
    await clock.advance(2_000)
    expect(route.bodies).toEqual(['eu', 'us'])
  })

  it('that does not exist is said, looked for, and read once it is there', async () => {
    const memory = new MemoryKafka(new FakeClock())
    const { route, clock } = await reading('kafka:orders?autoOffsetReset=earliest', { memory, topics: {} })
    await clock.advance(12_000)
    expect(route.states).toEqual(['disconnected'])
    memory.topic('orders')
    memory.write('orders', ['a'])
    await clock.advance(6_000)
    expect(route.states).toEqual(['disconnected', 'connected'])
    expect(route.bodies).toEqual(['a'])
  })

  it('of which one is missing are read without it', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    const { route, clock } = await reading('kafka:orders,later?autoOffsetReset=earliest', { memory, topics: {} })
    memory.write('orders', ['a'])
    await clock.advance(600)
    expect(route.bodies).toEqual(['a'])
    expect(route.logs.map(({ message }) => message)).toEqual(['there is no topic later yet'])
    memory.topic('later')
    memory.write('later', ['b'])
    await clock.advance(6_000)
    expect(route.bodies).toEqual(['a', 'b'])
  })
})
