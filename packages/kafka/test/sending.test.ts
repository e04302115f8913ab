import { DromedaryError, type Exchange, isDromedaryError, type Producer } from '@dromedary/core/component'
import { FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { kafkaComponent } from '../src/kafka.ts'
import { partitionOf } from '../src/producer/murmur2.ts'
import { KafkaFault, MemoryKafka } from './support/memory-kafka.ts'

const closing: Producer[] = []
afterEach(async () => {
  for (const producer of closing.splice(0)) await producer.close?.()
})

/** A started producer of an endpoint on brokers in memory. */
async function sending(query = '', memory = new MemoryKafka(new FakeClock()).topic('orders')) {
  const clock = memory.clock as FakeClock
  const route = fakeRoute({ clock })
  const endpoint = route.endpoint(kafkaComponent(memory.open)({ brokers: 'memory:9092' }), `kafka:orders${query}`)
  const producer = endpoint.producer?.() as Producer
  await producer.start?.(new AbortController().signal)
  closing.push(producer)
  const send = (
    body: unknown,
    headers: Record<string, unknown> = {},
    change: (exchange: Exchange) => void = () => {},
  ) => {
    const exchange = route.context.createExchange(body)
    for (const [name, value] of Object.entries(headers)) exchange.message.setHeader(name, value)
    change(exchange)
    const sent = Promise.resolve(producer.send(exchange)).then(() => exchange)
    sent.catch(() => {})
    return sent
  }
  return { clock, memory, route, producer, send }
}

const outcome = (sent: Promise<unknown>) =>
  sent.then(
    () => 'written',
    error => (isDromedaryError(error) ? error.code : String(error)),
  )

/** Holds all calls of producers until it is called. */
function gate(memory: MemoryKafka): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  memory.gate = promise
  return () => {
    memory.gate = undefined
    resolve()
  }
}

describe('sends of a busy route', () => {
  it('gather while a request is under way, and stay in order', async () => {
    const { memory, send } = await sending()
    const open = gate(memory)
    const all = Array.from({ length: 100 }, (_, at) => send(String(at)))
    await settle()
    const later = Array.from({ length: 100 }, (_, at) => send(String(100 + at)))
    await settle()
    open()
    await Promise.all([...all, ...later])
    expect(memory.values('orders')).toEqual(Array.from({ length: 200 }, (_, at) => String(at)))
    expect(memory.sent.length).toBe(2)
    expect(memory.concurrent).toBe(1)
  })

  it('make requests of at most producerBatchSize bytes', async () => {
    const { memory, send } = await sending('?producerBatchSize=1000')
    const open = gate(memory)
    const all = Array.from({ length: 20 }, () => send(Buffer.alloc(300)))
    open()
    await Promise.all(all)
    for (const { records } of memory.sent) expect(records.length).toBeLessThanOrEqual(3)
    expect(memory.log('orders')).toHaveLength(20)
  })

  it('wait for each other for lingerMs, or until the batch is full', async () => {
    const { clock, memory, send } = await sending('?lingerMs=20&producerBatchSize=1000')
    const slow = [send('a'), send('b')]
    await clock.advance(19)
    expect(memory.sent).toHaveLength(0)
    await clock.advance(1)
    await Promise.all(slow)
    expect(memory.sent).toHaveLength(1)
    const full = Array.from({ length: 5 }, () => send(Buffer.alloc(300)))
    await settle()
    expect(memory.sent.length).toBeGreaterThan(1)
    await clock.advance(20)
    await Promise.all(full)
  })

  it('to other topics do not wait for a topic that is not there', async () => {
    const { clock, memory, send } = await sending()
    const lost = send('x', { CamelKafkaOverrideTopic: 'nowhere' })
    await clock.advance(1_000)
    await send('fine')
    expect(memory.values('orders')).toEqual(['fine'])
    memory.topic('nowhere')
    await clock.advance(1_000)
    await lost
    expect(memory.values('nowhere')).toEqual(['x'])
  })
})

describe('a list', () => {
  it('is written with one request, and the exchange goes on when all of it is', async () => {
    const { memory, send } = await sending()
    await send(['a', 'b', 'c'])
    expect(memory.sent).toHaveLength(1)
    expect(memory.values('orders')).toEqual(['a', 'b', 'c'])
    await send([])
    expect(memory.sent).toHaveLength(1)
  })

  it('with one element that fails fails', async () => {
    const { memory, send } = await sending()
    memory.reject = ({ value }) => String(value) === 'bad'
    expect(await outcome(send(['a', 'bad', 'c']))).toBe('DROMEDARY_KAFKA_SEND')
    expect(memory.values('orders')).toEqual(['a', 'c'])
  })
})

describe('partitions', () => {
  it('follow the key, and without one a batch each', async () => {
    const { memory, send } = await sending('', new MemoryKafka(new FakeClock()).topic('orders', 4))
    for (let at = 0; at < 8; at++) await send('k', { CamelKafkaKey: 'same' })
    expect([0, 1, 2, 3].map(one => memory.log('orders', one).length).sort()).toEqual([0, 0, 0, 8])
    for (let at = 0; at < 8; at++) await send(['one', 'two'])
    const counts = [0, 1, 2, 3].map(one => memory.values('orders', one).filter(value => value !== 'k').length)
    expect(counts).toEqual([4, 4, 4, 4])
  })

  it('follow a key that is empty as well', async () => {
    const { memory, send } = await sending('', new MemoryKafka(new FakeClock()).topic('orders', 4))
    for (let at = 0; at < 8; at++) await send('k', { CamelKafkaKey: '' })
    expect([0, 1, 2, 3].map(one => memory.log('orders', one).length)).toEqual(
      [0, 1, 2, 3].map(one => (one === partitionOf('', 4) ? 8 : 0)),
    )
  })

  it('ignore keys with partitionerIgnoreKeys', async () => {
    const { memory, send } = await sending(
      '?partitionerIgnoreKeys=true',
      new MemoryKafka(new FakeClock()).topic('orders', 2),
    )
    for (let at = 0; at < 8; at++) await send('k', { CamelKafkaKey: 'same' })
    expect([0, 1].map(one => memory.log('orders', one).length)).toEqual([4, 4])
  })

  it('that do not exist are refused, not wrapped around', async () => {
    const { memory, send } = await sending()
    expect(await outcome(send('x', { CamelKafkaPartitionKey: 1 }))).toBe('DROMEDARY_KAFKA_RECORD')
    expect(memory.log('orders')).toEqual([])
  })
})

describe('recordMetadata', () => {
  it('says where each record is', async () => {
    const { send } = await sending('?recordMetadata=true')
    await send('first')
    const exchange = await send(['a', 'b'])
    expect(exchange.message.header('CamelKafkaRecordMeta')).toEqual([
      { topic: 'orders', partition: 0, offset: 1 },
      { topic: 'orders', partition: 0, offset: 2 },
    ])
    const { send: plain } = await sending()
    expect((await plain('x')).message.header('CamelKafkaRecordMeta')).toBeUndefined()
  })
})

describe('a record that the broker takes for no good', () => {
  it('fails alone: the others of its batch are written, in order', async () => {
    const { memory, send } = await sending()
    memory.reject = ({ value }) => ['7', '50'].includes(String(value))
    const open = gate(memory)
    const all = Array.from({ length: 64 }, (_, at) => outcome(send(String(at))))
    open()
    const results = await Promise.all(all)
    expect(results.flatMap((result, at) => (result === 'written' ? [] : [`${at} ${result}`]))).toEqual([
      '7 DROMEDARY_KAFKA_SEND',
      '50 DROMEDARY_KAFKA_SEND',
    ])
    expect(memory.values('orders')).toEqual(
      Array.from({ length: 64 }, (_, at) => String(at)).filter(one => one !== '7' && one !== '50'),
    )
  })
})

describe('what is tried again in halves', () => {
  /** Four records of which one is refused; the halves wait until the gate opens. */
  async function halves(change: (exchange: Exchange) => void = () => {}) {
    const { memory, send, ...rest } = await sending()
    let open = gate(memory)
    const all = ['0', '1', '2', '3'].map(value => outcome(send(value, {}, change)))
    await settle()
    memory.reject = ({ value }) => {
      if (memory.sent.length === 1) open = gate(memory)
      return String(value) === '3'
    }
    open()
    await settle()
    expect(memory.sent).toHaveLength(1)
    return { ...rest, memory, results: Promise.all(all), open: () => open() }
  }

  it('ends with the context, all of it', async () => {
    const { clock, producer, results } = await halves()
    const closed = producer.close?.()
    await clock.advance(1_100)
    await closed
    expect(await results).toEqual(Array.from({ length: 4 }, () => 'DROMEDARY_NOT_ACCEPTING'))
  })

  it('is not sent under a leader that is none any more', async () => {
    let isLeading = true
    const guard = { accepts: () => isLeading, isValid: () => isLeading }
    const { memory, results, open } = await halves(exchange => {
      exchange.guard = guard
    })
    isLeading = false
    open()
    // The first half was handed over before.
    expect(await results).toEqual(['written', 'written', 'DROMEDARY_NOT_LEADER', 'DROMEDARY_NOT_LEADER'])
    expect(memory.values('orders')).toEqual(['0', '1'])
  })
})

describe('leadership', () => {
  it('is asked again when a batch is handed over: what gathered under a leader that is none any more is refused', async () => {
    const { memory, send } = await sending()
    let isLeading = true
    const guard = { accepts: () => isLeading, isValid: () => isLeading }
    const open = gate(memory)
    const first = outcome(send('under way'))
    await settle()
    const second = outcome(
      send('gathered', {}, exchange => {
        exchange.guard = guard
      }),
    )
    const third = outcome(send('of nobody'))
    isLeading = false
    open()
    expect(await Promise.all([first, second, third])).toEqual(['written', 'DROMEDARY_NOT_LEADER', 'written'])
    expect(memory.values('orders')).toEqual(['under way', 'of nobody'])
  })
})

describe('while brokers are away', () => {
  it('records wait, and are written once they are back; it is said once each', async () => {
    const { clock, memory, route, send } = await sending()
    await send('before')
    memory.fault = new KafkaFault('retriable', 'connection refused')
    const waiting = Array.from({ length: 10 }, (_, at) => send(String(at)))
    await clock.advance(30_000)
    expect(memory.values('orders')).toEqual(['before'])
    memory.fault = undefined
    await clock.advance(1_000)
    await Promise.all(waiting)
    expect(memory.values('orders')).toEqual(['before', ...Array.from({ length: 10 }, (_, at) => String(at))])
    const lines = route.logs.map(({ level, message }) => `${level} ${message}`)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^warn cannot write to Kafka: connection refused; trying again, while 10 records wait/)
    expect(lines[1]).toMatch(/^info Kafka can be written to again, after 2\d|30s/)
  })

  it('a fault that is shorter than a second is not worth a line', async () => {
    const { clock, memory, route, send } = await sending()
    memory.fault = new KafkaFault('retriable')
    const sent = send('x')
    await clock.advance(500)
    memory.fault = undefined
    await clock.advance(500)
    await sent
    expect(route.logs).toEqual([])
  })

  it('no more than maxPendingRecords wait inside, the others outside: each send tells the route to wait', async () => {
    const { clock, memory, send } = await sending('?maxPendingRecords=10')
    memory.fault = new KafkaFault('retriable')
    let written = 0
    const all = Array.from({ length: 25 }, (_, at) => send(String(at)).then(() => void written++))
    await clock.advance(5_000)
    expect(written).toBe(0)
    memory.fault = undefined
    await clock.advance(1_000)
    await Promise.all(all)
    expect(memory.values('orders')).toEqual(Array.from({ length: 25 }, (_, at) => String(at)))
    for (const { records } of memory.sent) expect(records.length).toBeLessThanOrEqual(10)
  })

  it('no more than bufferMemorySize bytes wait inside', async () => {
    const { clock, memory, send } = await sending('?bufferMemorySize=1000')
    memory.fault = new KafkaFault('retriable')
    const all = Array.from({ length: 9 }, () => send(Buffer.alloc(300)))
    await clock.advance(1_000)
    memory.fault = undefined
    await clock.advance(1_000)
    await Promise.all(all)
    for (const { records } of memory.sent) expect(records.length).toBeLessThanOrEqual(3)
  })

  it('a small record does not overtake one that there is no room for', async () => {
    const { clock, memory, send } = await sending('?bufferMemorySize=1000')
    memory.fault = new KafkaFault('retriable')
    const all = [send(Buffer.alloc(900, 'a')), send(Buffer.alloc(300, 'b')), send('c')]
    await clock.advance(1_000)
    memory.fault = undefined
    await clock.advance(1_000)
    await Promise.all(all)
    expect(memory.values('orders').map(value => value[0])).toEqual(['a', 'b', 'c'])
  })

  it('what is larger than all the room is written alone', async () => {
    const { memory, send } = await sending('?bufferMemorySize=100&maxPendingRecords=2')
    await send(['a', 'b', 'c', 'd'])
    await send(Buffer.alloc(500))
    expect(memory.log('orders')).toHaveLength(5)
  })

  it('records fail after deliveryTimeoutMs, and at most a quarter later; those that come later have their own time', async () => {
    const { clock, memory, send } = await sending('?deliveryTimeoutMs=10s&maxPendingRecords=2')
    memory.fault = new KafkaFault('retriable', 'connection refused')
    const first = [send('a'), send('b'), send('outside')].map(outcome)
    let isSettled = false
    void Promise.race(first).then(() => {
      isSettled = true
    })
    await clock.advance(9_900)
    expect(isSettled).toBe(false)
    await clock.advance(2_700)
    expect(await Promise.all(first)).toEqual(Array.from({ length: 3 }, () => 'DROMEDARY_KAFKA_TIMEOUT'))
    const later = outcome(send('later'))
    await clock.advance(5_000)
    memory.fault = undefined
    await clock.advance(1_000)
    expect(await later).toBe('written')
    expect(memory.values('orders')).toEqual(['later'])
  })

  it('the failure says what the brokers said', async () => {
    const { clock, memory, send } = await sending('?deliveryTimeoutMs=1s')
    memory.fault = new KafkaFault('retriable', 'connection refused')
    const sent = send('a').catch(error => error)
    await clock.advance(2_000)
    const error = await sent
    expect(error).toBeInstanceOf(DromedaryError)
    expect(error.message).toMatch(/orders within 1s \(deliveryTimeoutMs\).*connection refused/)
  })

  it('with deliveryTimeoutMs=0 they wait for ever', async () => {
    const { clock, memory, send } = await sending('?deliveryTimeoutMs=0')
    memory.fault = new KafkaFault('retriable')
    const sent = send('a')
    await clock.advance(3_600_000)
    memory.fault = undefined
    await clock.advance(1_000)
    expect(await outcome(sent)).toBe('written')
  })

  it('start does not fail, and a close does not hang', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    memory.fault = new KafkaFault('retriable')
    const { clock, producer, send } = await sending('', memory)
    const sent = outcome(send('a'))
    await settle()
    const closed = producer.close?.()
    await clock.advance(1_100)
    await closed
    expect(await sent).toBe('DROMEDARY_NOT_ACCEPTING')
    expect(memory.producers).toBe(0)
    expect(clock.pending).toBe(0)
  })
})

describe('what a broker refuses for good', () => {
  it('fails at once with what it says', async () => {
    const { memory, send } = await sending()
    await send('first')
    memory.fault = new KafkaFault('refused', 'not authorized')
    const error = await send('a').catch(one => one)
    expect(error.code).toBe('DROMEDARY_KAFKA_SEND')
    expect(error.message).toContain('not authorized')
  })
})

describe('a broker that refuses to tell of the topic', () => {
  it('fails what waits for it at once', async () => {
    const { memory, send } = await sending()
    memory.fault = new KafkaFault('refused', 'authentication failed')
    const all = await Promise.all(['a', 'b'].map(body => send(body).catch(one => one)))
    expect(all.map(error => error.code)).toEqual(['DROMEDARY_KAFKA_SEND', 'DROMEDARY_KAFKA_SEND'])
    memory.fault = undefined
    await send('c')
    expect(memory.values('orders')).toEqual(['c'])
  })
})

describe('warming up', () => {
  it('knows the topic before the first send, and writes nothing', async () => {
    const { memory, producer } = await sending()
    expect(memory.clients).toBe(0)
    await producer.warmUp?.(new AbortController().signal)
    expect(memory.clients).toBe(1)
    expect(memory.sent).toEqual([])
  })

  it('tries until it succeeds, or the signal aborts', async () => {
    const { clock, memory, producer } = await sending()
    memory.fault = new KafkaFault('retriable')
    let isWarm = false
    const warm = Promise.resolve(producer.warmUp?.(new AbortController().signal)).then(() => {
      isWarm = true
    })
    await clock.advance(60_000)
    expect(isWarm).toBe(false)
    memory.fault = undefined
    await clock.advance(1_500)
    await warm
    memory.fault = new KafkaFault('retriable')
    const abort = new AbortController()
    const given = Promise.resolve(producer.warmUp?.(abort.signal)).catch(error => error)
    await clock.advance(5_000)
    abort.abort(new Error('stop'))
    await settle()
    expect(String(await given)).toBe('Error: stop')
  })
})

describe('endpoints', () => {
  it('of the same settings share a client and a producer, and the last one closes it', async () => {
    const memory = new MemoryKafka(new FakeClock()).topic('orders').topic('bills')
    const route = fakeRoute({ clock: memory.clock })
    const component = kafkaComponent(memory.open)({ brokers: 'memory:9092' })
    const [one, two, other] = ['kafka:orders', 'kafka:bills', 'kafka:orders?compressionCodec=lz4'].map(uri =>
      route.endpoint(component, uri).producer?.(),
    ) as [Producer, Producer, Producer]
    for (const producer of [one, two, other]) await producer.start?.(new AbortController().signal)
    for (const producer of [one, two, other]) await producer.send(route.context.createExchange('x'))
    expect(memory.clients).toBe(1)
    expect(memory.producers).toBe(2)
    await other.close?.()
    await one.close?.()
    expect(memory.producers).toBe(1)
    await two.close?.()
    expect(memory.producers).toBe(0)
  })
})
