import { FakeClock } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { reading } from './support/kit.ts'
import { KafkaFault, MemoryKafka } from './support/memory-kafka.ts'

const EARLIEST = 'kafka:orders?autoOffsetReset=earliest'

/** A route that fails on some bodies, so often each. */
function failing(times: Record<string, number>) {
  const left = { ...times }
  return (exchange: { readonly body: unknown; fail(error: unknown): void }) => {
    const body = String(exchange.body)
    const more = left[body] ?? 0
    if (more <= 0) return
    left[body] = more - 1
    exchange.fail(new TypeError(`no ${body}`))
  }
}

async function run(query: string, times: Record<string, number>, values: string[]) {
  const memory = new MemoryKafka(new FakeClock()).topic('orders')
  memory.write('orders', values)
  return reading(EARLIEST + query, { memory, route: failing(times) })
}

describe('a failed record, by default,', () => {
  it('holds its partition up and is tried again, with pauses that double', async () => {
    const { memory, route, clock } = await run('', { b: 4 }, ['a', 'b', 'c'])
    const times: number[] = []
    const start = clock.monotonic()
    for (let ms = 0; ms < 40_000; ms += 100) {
      const before = route.exchanges.length
      await clock.advance(100)
      for (let more = before; more < route.exchanges.length; more++)
        times.push(Math.round((clock.monotonic() - start) / 1_000))
    }
    expect(route.bodies).toEqual(['a', 'b', 'b', 'b', 'b', 'b', 'c'])
    expect(times.slice(-5)).toEqual([1, 3, 7, 15, 15])
    expect(memory.committed('g', 'orders')).toBe(3)
  })

  it('is never committed over', async () => {
    const { memory, clock, stop } = await run('', { b: 1_000 }, ['a', 'b', 'c'])
    await clock.advance(600_000)
    expect(memory.committed('g', 'orders')).toBe(1)
    await stop()
    expect(memory.committed('g', 'orders')).toBe(1)
  })

  it('waits at most failedRecordMaxDelay, from failedRecordDelay on', async () => {
    const { route, clock } = await run('&failedRecordDelay=10s&failedRecordMaxDelay=15s', { a: 1_000 }, ['a'])
    await clock.advance(9_900)
    expect(route.exchanges).toHaveLength(1)
    await clock.advance(200)
    expect(route.exchanges).toHaveLength(2)
    await clock.advance(150_000)
    expect(route.exchanges).toHaveLength(12)
  })

  it('leaves other partitions alone', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders', 2)
    memory.write('orders', ['bad', 'behind it'], 0)
    memory.write('orders', ['a', 'b'], 1)
    const { route, clock } = await reading(EARLIEST, { memory, topics: { orders: 2 }, route: failing({ bad: 1_000 }) })
    await clock.advance(1_500)
    memory.write('orders', ['c'], 1)
    await clock.advance(1_500)
    expect(new Set(route.bodies)).toEqual(new Set(['bad', 'a', 'b', 'c']))
    await clock.advance(5_000)
    expect(memory.committed('g', 'orders', 0)).toBe(0)
    expect(memory.committed('g', 'orders', 1)).toBe(3)
  })

  it('is said once', async () => {
    const { route, clock } = await run('', { a: 5 }, ['a'])
    await clock.advance(60_000)
    const said = route.logs.filter(({ level }) => level === 'error').map(({ message }) => message)
    expect(said).toEqual([expect.stringMatching(/orders-0@0 failed, and its partition waits.*no a/)])
  })
})

describe('failedRecord=pass', () => {
  it('goes on with the next, and says so', async () => {
    const { memory, route, clock } = await run('&failedRecord=pass', { b: 1 }, ['a', 'b', 'c'])
    await clock.advance(5_100)
    expect(route.bodies).toEqual(['a', 'b', 'c'])
    expect(memory.committed('g', 'orders')).toBe(3)
    expect(route.logs.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn orders-0@1 failed and is passed over: no b',
    ])
  })
})

describe('failedRecord=stop', () => {
  it('ends the consumer at that record: it leaves the group, and says so', async () => {
    const { memory, route, clock, consumer } = await run('&failedRecord=stop', { b: 1 }, ['a', 'b', 'c'])
    await clock.advance(10_000)
    expect(route.bodies).toEqual(['a', 'b'])
    expect(memory.committed('g', 'orders')).toBe(1)
    expect(memory.group('g').members).toEqual([])
    memory.wake()
    await clock.advance(1_000)
    expect(route.states).toEqual(['connected', 'disconnected'])
    expect(route.logs.map(({ level }) => level)).toEqual(['error'])
    await consumer.quiesce()
    await consumer.resume?.()
    await clock.advance(5_000)
    expect(route.bodies).toEqual(['a', 'b'])
  })
})

describe('failedRecord=deadLetter', () => {
  const QUERY = '&failedRecord=deadLetter&deadLetterTopic=dead'

  it('writes it to the topic as it is, with whence and why, and goes on', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders').topic('dead')
    const kind = [['kind', Buffer.from('x')]] as const
    memory.write('orders', ['a', 'b'], 0, { key: Buffer.from('k'), headers: kind, timestamp: 5_000n })
    const { route, clock } = await reading(EARLIEST + QUERY, { memory, route: failing({ a: 1 }) })
    await clock.advance(5_100)
    expect(route.bodies).toEqual(['a', 'b'])
    const [dead] = memory.log('dead')
    expect(dead).toMatchObject({ key: Buffer.from('k'), value: Buffer.from('a') })
    const headers = dead?.headers?.map(([name, value]) => [name.toString(), value?.toString()])
    expect(headers).toEqual([
      ['kind', 'x'],
      ['dromedary-origin-topic', 'orders'],
      ['dromedary-origin-partition', '0'],
      ['dromedary-origin-offset', '0'],
      ['dromedary-origin-timestamp', '5000'],
      ['dromedary-exception-class', 'TypeError'],
      ['dromedary-exception-message', 'no a'],
    ])
    expect(memory.committed('g', 'orders')).toBe(2)
  })

  it('does not go on before it is written', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders').topic('dead')
    memory.write('orders', ['a', 'b'])
    const open = Promise.withResolvers<void>()
    memory.gate = open.promise
    const { route, clock } = await reading(EARLIEST + QUERY, { memory, route: failing({ a: 1 }) })
    await clock.advance(8_000)
    expect(route.bodies).toEqual(['a'])
    expect(memory.committed('g', 'orders')).toBe(0)
    memory.gate = undefined
    open.resolve()
    await clock.advance(5_100)
    expect(route.bodies).toEqual(['a', 'b'])
    expect(memory.values('dead')).toEqual(['a'])
  })

  it('is refused under a leadership that has ended, and waits for all replicas whatever the endpoint says', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders').topic('dead')
    memory.write('orders', ['a'])
    const guard = { accepts: () => true, isValid: () => false }
    const { clock } = await reading(`${EARLIEST}${QUERY}&enableIdempotence=false&requestRequiredAcks=0`, {
      memory,
      route: exchange => {
        exchange.guard = guard
        exchange.fail(new Error('no'))
      },
    })
    await clock.advance(5_000)
    expect(memory.values('dead')).toEqual([])
    expect(memory.committed('g', 'orders')).toBe(0)
    expect(memory.producerSettings[0]).toMatchObject({ acks: 'all', idempotent: true })
  })

  it('that cannot be written is tried again, the record first', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders').topic('dead')
    memory.write('orders', ['a', 'b'])
    memory.reject = () => true
    const { route, clock } = await reading(EARLIEST + QUERY, { memory, route: failing({ a: 1 }) })
    await clock.advance(900)
    expect(route.bodies).toEqual(['a'])
    memory.reject = undefined
    await clock.advance(5_100)
    expect(route.bodies).toEqual(['a', 'a', 'b'])
  })

  it('of a batch is all of it, and of one that is not UTF-8 the bytes', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders').topic('dead')
    memory.write('orders', ['a', Buffer.from([0xff])])
    const { clock } = await reading(`${EARLIEST}${QUERY}&batching=true`, { memory })
    await clock.advance(100)
    expect(memory.log('dead').map(({ value }) => value)).toEqual([Buffer.from('a'), Buffer.from([0xff])])
  })
})

describe('with several under way', () => {
  it('none is begun while one that failed waits, and the position waits with it', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    memory.write('orders', ['a', 'b', 'c', 'd'])
    const { route, clock } = await reading(`${EARLIEST}&maxInFlight=2&failedRecordDelay=1s`, {
      memory,
      route: failing({ a: 1 }),
    })
    await clock.advance(900)
    expect(route.bodies).toEqual(['a'])
    await clock.advance(5_100)
    expect(route.bodies).toEqual(['a', 'a', 'b', 'c', 'd'])
    expect(memory.committed('g', 'orders')).toBe(4)
  })
})

it('of several that failed at once each is tried again', async () => {
  const memory = new MemoryKafka(new FakeClock()).topic('orders')
  memory.write('orders', ['a', 'b', 'c', 'd'])
  const times: Record<string, number> = { a: 2, b: 1, c: 1 }
  const { route, clock } = await reading(`${EARLIEST}&maxInFlight=3&failedRecordDelay=1s`, {
    memory,
    route: async exchange => {
      await Promise.resolve()
      const body = String(exchange.body)
      times[body] = (times[body] ?? 0) - 1
      if ((times[body] ?? 0) >= 0) exchange.fail(new Error(`no ${body}`))
    },
  })
  await clock.advance(20_000)
  expect(route.bodies.toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'c', 'c', 'd'])
  expect(memory.committed('g', 'orders')).toBe(4)
})

it('a fault of the brokers is none of the record', async () => {
  const { memory, route, clock } = await run('&failedRecord=stop', {}, ['a'])
  memory.fault = new KafkaFault('retriable')
  await clock.advance(30_000)
  memory.fault = undefined
  memory.write('orders', ['b'])
  await clock.advance(3_000)
  expect(route.bodies).toEqual(['a', 'b'])
})
