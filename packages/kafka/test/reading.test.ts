import type { Exchange } from '@dromedary/core/component'
import { FakeClock, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import type { KafkaManualCommit } from '../src/consumer/manual-commit.ts'
import { reading } from './support/kit.ts'
import { KafkaFault, MemoryKafka } from './support/memory-kafka.ts'

/** Exchanges that end when they are told to. */
function slowRoute() {
  const open = new Map<string, () => void>()
  return {
    open,
    route: (exchange: Exchange) =>
      new Promise<void>(resolve => {
        open.set(String(exchange.body), resolve)
      }),
    async end(...bodies: string[]) {
      for (const body of bodies) {
        open.get(body)?.()
        open.delete(body)
        await settle()
      }
    },
  }
}

const EARLIEST = 'kafka:orders?autoOffsetReset=earliest'
const header = (exchange: Exchange | undefined, name: string) => exchange?.message.header(name)

describe('a record', () => {
  it('is an exchange with a text, its place and its time', async () => {
    const { memory, route, clock } = await reading(EARLIEST)
    memory.write('orders', ['hello'], 0, { key: Buffer.from('k'), timestamp: 7_000n })
    await clock.advance(10)
    const [exchange] = route.exchanges
    expect(exchange?.body).toBe('hello')
    expect(exchange?.message.headers.toJSON()).toEqual({
      CamelKafkaTopic: 'orders',
      CamelKafkaPartition: 0,
      CamelKafkaOffset: 0,
      CamelKafkaTimestamp: 7_000,
      CamelMessageTimestamp: 7_000,
      CamelKafkaKey: 'k',
    })
  })

  it('without a value has no body, and without a key no key', async () => {
    const { memory, route, clock } = await reading(EARLIEST)
    memory.write('orders', [null])
    await clock.advance(10)
    expect(route.exchanges[0]?.body).toBeNull()
    expect(route.exchanges[0]?.message.headers.has('CamelKafkaKey')).toBe(false)
  })

  it('brings its headers as bytes or as text, but none that would control the engine', async () => {
    const names = [
      'kind',
      'CamelHttpUri',
      'camelX',
      'org.apache.camel.y',
      'DromedaryClusterTerm',
      'CAMELKafkaOverrideTopic',
    ]
    const headers = names.map(name => [name, Buffer.from('v')] as const)
    for (const [query, expected] of [
      ['', Buffer.from('v')],
      ['&headerDeserializer=string', 'v'],
    ] as const) {
      const { memory, route, clock, stop } = await reading(EARLIEST + query)
      memory.write('orders', ['x'], 0, { headers })
      await clock.advance(10)
      const [exchange] = route.exchanges
      expect(header(exchange, 'kind')).toEqual(expected)
      const given = exchange?.message.headers.names().filter(name => !name.startsWith('CamelKafka'))
      expect(given).toEqual(['kind', 'CamelMessageTimestamp'])
      expect(header(exchange, 'CamelKafkaHeaders')).toHaveLength(names.length)
      expect(header(exchange, 'CamelKafkaOverrideTopic')).toBeUndefined()
      await stop()
    }
  })

  it('is bytes with valueDeserializer=bytes, and so is the key with keyDeserializer=bytes', async () => {
    const { memory, route, clock } = await reading(
      `${EARLIEST}&valueDeserializer=bytes&keyDeserializer=org.apache.kafka.common.serialization.ByteArrayDeserializer`,
    )
    memory.write('orders', [Buffer.from([0xff])], 0, { key: Buffer.from([0xfe]) })
    await clock.advance(10)
    expect(route.exchanges[0]?.body).toEqual(Buffer.from([0xff]))
    expect(header(route.exchanges[0], 'CamelKafkaKey')).toEqual(Buffer.from([0xfe]))
  })

  it('that is not UTF-8 never enters as a mangled text', async () => {
    const { memory, route, clock } = await reading(`${EARLIEST}&failedRecord=pass`)
    memory.write('orders', [Buffer.from([0xff]), 'fine'])
    memory.write('orders', ['x'], 0, { key: Buffer.from([0xff]) })
    await clock.advance(10)
    expect(route.bodies).toEqual(['fine'])
    expect(route.logs.map(({ message }) => message)).toEqual([
      expect.stringMatching(/orders-0@0 failed and is passed over: .*not UTF-8.*valueDeserializer=bytes/),
      expect.stringMatching(/orders-0@2 failed/),
    ])
  })
})

describe('records of one partition', () => {
  it('enter one after another, in order', async () => {
    const slow = slowRoute()
    const { memory, route, clock } = await reading(EARLIEST, { route: slow.route })
    memory.write('orders', ['a', 'b', 'c'])
    await clock.advance(10)
    expect(route.bodies).toEqual(['a'])
    await slow.end('a')
    expect(route.bodies).toEqual(['a', 'b'])
    await slow.end('b', 'c')
    expect(route.bodies).toEqual(['a', 'b', 'c'])
  })

  it('side by side with those of other partitions', async () => {
    const slow = slowRoute()
    const { memory, route, clock } = await reading(EARLIEST, { route: slow.route, topics: { orders: 3 } })
    for (const partition of [0, 1, 2]) memory.write('orders', [`${partition}a`, `${partition}b`], partition)
    await clock.advance(600)
    expect(route.bodies.toSorted()).toEqual(['0a', '1a', '2a'])
  })

  it('maxInFlight of them at a time; the position never passes one that is not done', async () => {
    const slow = slowRoute()
    const { memory, route, clock, consumer } = await reading(`${EARLIEST}&maxInFlight=3`, { route: slow.route })
    memory.write('orders', ['a', 'b', 'c', 'd', 'e'])
    await clock.advance(10)
    expect(route.bodies).toEqual(['a', 'b', 'c'])
    await slow.end('c', 'b')
    expect(route.bodies).toEqual(['a', 'b', 'c', 'd', 'e'])
    await clock.advance(5_000)
    expect(memory.committed('g', 'orders')).toBe(0)
    await slow.end('a')
    await clock.advance(5_000)
    expect(memory.committed('g', 'orders')).toBe(3)
    await consumer.quiesce()
    await slow.end('d', 'e')
    await clock.advance(5_000)
    expect(memory.committed('g', 'orders')).toBe(5)
  })

  it('are fetched no further than the route keeps up', async () => {
    const slow = slowRoute()
    const { memory, clock } = await reading(`${EARLIEST}&fetchWaitMaxMs=500`, { route: slow.route })
    memory.write(
      'orders',
      Array.from({ length: 10_000 }, (_, at) => String(at)),
    )
    await clock.advance(10_000)
    const [member] = memory.group('g').members
    // Two answers of a thousand records wait; nothing more is asked for.
    expect(member?.limits.length).toBeLessThanOrEqual(3)
  })
})

describe('offsets', () => {
  it('are committed every autoCommitIntervalMs, once the exchange is done', async () => {
    const slow = slowRoute()
    const { memory, clock } = await reading(`${EARLIEST}&autoCommitIntervalMs=1000`, { route: slow.route })
    memory.write('orders', ['a', 'b'])
    await clock.advance(3_000)
    expect(memory.committed('g', 'orders')).toBe(0)
    await slow.end('a')
    await clock.advance(1_000)
    expect(memory.committed('g', 'orders')).toBe(1)
    const [member] = memory.group('g').members
    const commits = member?.commits.length
    await clock.advance(10_000)
    expect(member?.commits.length).toBe(commits)
  })

  it('are committed at the end, and the next consumer goes on after them', async () => {
    const memory = new MemoryKafka(new FakeClock())
    const first = await reading(EARLIEST, { memory })
    memory.write('orders', ['a', 'b'])
    await first.clock.advance(10)
    await first.stop()
    expect(memory.committed('g', 'orders')).toBe(2)
    memory.write('orders', ['c'])
    const second = await reading(EARLIEST, { memory })
    await second.clock.advance(10)
    expect(second.route.bodies).toEqual(['c'])
  })

  it('are not committed with autoCommitEnable=false', async () => {
    const { memory, clock, stop } = await reading(`${EARLIEST}&autoCommitEnable=false`)
    memory.write('orders', ['a'])
    await clock.advance(20_000)
    await stop()
    expect(memory.committed('g', 'orders')).toBeUndefined()
  })

  it('that could not be committed are said once, and committed later', async () => {
    const { memory, route, clock } = await reading(EARLIEST)
    const [member] = memory.group('g').members
    const commit = member?.commit.bind(member)
    let fails = 3
    if (member && commit) {
      member.commit = async offsets => {
        if (fails-- > 0) throw new KafkaFault('retriable', 'no coordinator')
        return commit(offsets)
      }
    }
    memory.write('orders', ['a'])
    await clock.advance(30_000)
    expect(memory.committed('g', 'orders')).toBe(1)
    expect(route.logs.map(({ message }) => message)).toEqual([
      expect.stringMatching(/could not be committed.*no coordinator/),
      'offsets can be committed again',
    ])
  })

  it('a close waits commitTimeoutMs for the last commit, and no longer', async () => {
    const { memory, clock, consumer } = await reading(`${EARLIEST}&commitTimeoutMs=2s`)
    memory.write('orders', ['a'])
    await clock.advance(10)
    const [member] = memory.group('g').members
    if (member) member.commit = () => new Promise(() => {})
    await consumer.quiesce()
    let isClosed = false
    const closed = Promise.resolve(consumer.close(false)).then(() => {
      isClosed = true
    })
    await clock.advance(1_900)
    expect(isClosed).toBe(false)
    await clock.advance(200)
    await closed
  })
})

describe('a manual commit', () => {
  const MANUAL = `${EARLIEST}&autoCommitEnable=false&allowManualCommit=true`
  const commitOf = (exchange: Exchange | undefined) => header(exchange, 'CamelKafkaManualCommit') as KafkaManualCommit

  it('commits its record, and an older one takes nothing back', async () => {
    const { memory, route, clock } = await reading(MANUAL)
    memory.write('orders', ['a', 'b', 'c'])
    await clock.advance(10)
    expect(memory.committed('g', 'orders')).toBeUndefined()
    await commitOf(route.exchanges[1]).commit()
    expect(memory.committed('g', 'orders')).toBe(2)
    await commitOf(route.exchanges[0]).commit()
    expect(memory.committed('g', 'orders')).toBe(2)
    expect(commitOf(route.exchanges[0])).toMatchObject({ topic: 'orders', partition: 0, offset: 0 })
    expect(String(commitOf(route.exchanges[0]))).toBe('commit of orders-0@0')
  })

  it('together with others commits the farthest', async () => {
    const { memory, route, clock } = await reading(MANUAL)
    memory.write('orders', ['a', 'b', 'c'])
    await clock.advance(10)
    await Promise.all([1, 2, 0].map(at => commitOf(route.exchanges[at]).commit()))
    expect(memory.committed('g', 'orders')).toBe(3)
    const [member] = memory.group('g').members
    expect(member?.commits).toHaveLength(1)
  })

  it('is refused once the partition belongs to somebody else', async () => {
    const { memory, route, clock, stop } = await reading(MANUAL)
    memory.write('orders', ['a'])
    await clock.advance(10)
    await stop()
    await expect(commitOf(route.exchanges[0]).commit()).rejects.toMatchObject({ code: 'DROMEDARY_KAFKA_COMMIT' })
  })

  it('rejects with what the broker said', async () => {
    const { memory, route, clock } = await reading(MANUAL)
    memory.write('orders', ['a'])
    await clock.advance(10)
    memory.fault = new KafkaFault('retriable', 'no coordinator')
    await expect(commitOf(route.exchanges[0]).commit()).rejects.toThrow(/orders-0@0 .*no coordinator/)
    memory.fault = undefined
    await commitOf(route.exchanges[0]).commit()
    expect(memory.committed('g', 'orders')).toBe(1)
  })

  it('has the last record at hand marked', async () => {
    const { memory, route, clock } = await reading(MANUAL)
    memory.write('orders', ['a', 'b', 'c'])
    await clock.advance(10)
    for (const name of ['CamelKafkaLastRecordBeforeCommit', 'CamelKafkaLastPollRecord']) {
      expect(route.exchanges.map(exchange => header(exchange, name))).toEqual([false, false, true])
    }
  })

  it('is not there without allowManualCommit', async () => {
    const { memory, route, clock } = await reading(EARLIEST)
    memory.write('orders', ['a'])
    await clock.advance(10)
    expect(header(route.exchanges[0], 'CamelKafkaManualCommit')).toBeUndefined()
    expect(header(route.exchanges[0], 'CamelKafkaLastPollRecord')).toBeUndefined()
  })
})

describe('batching', () => {
  const BATCHING = `${EARLIEST}&batching=true`

  it('makes one exchange of what is there, at most maxPollRecords', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    memory.write('orders', ['a', 'b', 'c', 'd', 'e'])
    const { route, clock } = await reading(`${BATCHING}&maxPollRecords=2`, { memory })
    await clock.advance(10)
    const bodies = route.exchanges.map(({ body }) => (body as Exchange[]).map(part => part.body))
    expect(bodies).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect(route.exchanges[0]?.message.headers.toJSON()).toEqual({
      CamelKafkaTopic: 'orders',
      CamelKafkaPartition: 0,
      CamelKafkaOffset: 1,
    })
    await clock.advance(5_000)
    expect(memory.committed('g', 'orders')).toBe(5)
  })

  it('waits batchingIntervalMs for a batch to fill', async () => {
    const { memory, route, clock } = await reading(`${BATCHING}&maxPollRecords=3&batchingIntervalMs=1000`)
    memory.write('orders', ['a'])
    await clock.advance(900)
    expect(route.exchanges).toHaveLength(0)
    memory.write('orders', ['b', 'c'])
    await clock.advance(50)
    expect(route.exchanges).toHaveLength(1)
    memory.write('orders', ['d'])
    await clock.advance(1_600)
    expect(route.exchanges).toHaveLength(2)
  })

  it('a batch that failed comes again as it was', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    memory.write('orders', ['a', 'b', 'c'])
    let fails = 1
    const { route, clock } = await reading(`${BATCHING}&maxPollRecords=2&failedRecordDelay=1s`, {
      memory,
      route: exchange => {
        if (fails-- > 0) exchange.fail(new Error('no'))
      },
    })
    await clock.advance(6_000)
    const bodies = route.exchanges.map(({ body }) => (body as Exchange[]).map(part => part.body))
    expect(bodies).toEqual([['a', 'b'], ['a', 'b'], ['c']])
  })

  it('commits by hand up to its last record', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    memory.write('orders', ['a', 'b', 'c'])
    const { route, clock } = await reading(
      `${BATCHING}&maxPollRecords=2&autoCommitEnable=false&allowManualCommit=true`,
      { memory },
    )
    await clock.advance(10)
    await (header(route.exchanges[0], 'CamelKafkaManualCommit') as KafkaManualCommit).commit()
    expect(memory.committed('g', 'orders')).toBe(2)
  })
})

describe('quiesce', () => {
  it('lets nothing in; what was fetched stays, and comes with resume or to the next one', async () => {
    const slow = slowRoute()
    const { memory, route, clock, consumer, stop } = await reading(EARLIEST, { route: slow.route })
    memory.write('orders', ['a', 'b', 'c'])
    await clock.advance(10)
    await consumer.quiesce()
    await slow.end('a')
    await clock.advance(2_000)
    expect(route.bodies).toEqual(['a'])
    await consumer.resume?.()
    await settle()
    expect(route.bodies).toEqual(['a', 'b'])
    await consumer.quiesce()
    await slow.end('b')
    await stop()
    expect(memory.committed('g', 'orders')).toBe(2)
  })
})

describe('a route that takes nothing', () => {
  it('makes a record wait, and is not blamed on it', async () => {
    const { memory, route, clock } = await reading(EARLIEST)
    route.open = false
    memory.write('orders', ['a', 'b'])
    await clock.advance(5_000)
    expect(route.bodies).toEqual([])
    expect(memory.committed('g', 'orders')).toBe(0)
    expect(route.logs.filter(({ level }) => level !== 'info')).toEqual([])
    expect(route.logs).toHaveLength(1)
    route.open = true
    await clock.advance(1_000)
    expect(route.bodies).toEqual(['a', 'b'])
  })
})
