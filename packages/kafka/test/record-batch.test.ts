import * as library from '@platformatic/kafka'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asMessage, withOwnRequests } from '../src/client/platformatic/own-requests.ts'
import { encodeRecords, recordsIn } from '../src/client/platformatic/record-batch.ts'
import { Sequences } from '../src/client/platformatic/sequences.ts'
import type { KafkaRecord } from '../src/client/port.ts'
import { bytesOf } from './support/bytes.ts'

/** What the library writes, which brokers have accepted for years: ours must be the same, byte for byte. */
const { kGetApi, NumericMap, ProduceAcks } = library
const VERSIONS = [3, 4, 5, 6, 7, 8, 9, 10, 11] as const

interface Options {
  readonly transactionalId: string | undefined
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly sequences: Map<string, number>
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
}

type Part = { readonly topic: string; readonly partition: number; readonly records: readonly KafkaRecord[] }
type Request = (version: number, parts: readonly Part[], options: Options) => Promise<Buffer>

/** One producer's requests, as they would go to a connection. */
function requests(): Request {
  let version = 0
  const api = () => ({ version })
  const getApi = (_: string, callback: (error: null, api: unknown) => void) => callback(null, api())
  const methods: Record<symbol, typeof getApi> = { [kGetApi]: getApi }
  withOwnRequests(methods as never, library)
  return async (wanted, parts, options) => {
    version = wanted
    const messages = parts.map(({ topic, partition, records }) => asMessage(topic, partition, records))
    let made: unknown
    const connection = { send: (_key: number, _version: number, make: () => unknown) => (made = make()) }
    methods[kGetApi]?.('Produce', (_, own) => {
      ;(own as (...args: unknown[]) => void)(connection, ProduceAcks.ALL, 1_000, messages, options, () => {})
    })
    return ((await made) as library.Writer).buffer
  }
}

async function theirs(version: number, parts: readonly Part[], options: Options): Promise<Buffer> {
  const { createRequest } = (
    library as unknown as Record<string, { createRequest(...args: unknown[]): library.Writer }>
  )[`produceV${version}`] as { createRequest(...args: unknown[]): library.Writer }
  const messages = parts.flatMap(({ topic, partition, records }) =>
    records.map(({ key, value, headers = [], timestamp }) => ({
      topic,
      partition,
      key: key === undefined ? undefined : (bytesOf(key) as Buffer),
      value: bytesOf(value),
      timestamp,
      headers: new Map(headers.map(([name, text]) => [Buffer.from(name), text])),
    })),
  )
  const sequences = new NumericMap()
  for (const [place, sequence] of options.sequences) sequences.set(place, sequence)
  return createRequest(ProduceAcks.ALL, 1_000, messages, { ...options, sequences }).buffer
}

const options = (more: Partial<Options> = {}): Options => ({
  transactionalId: undefined,
  producerId: 7n,
  producerEpoch: 3,
  sequences: new Map([['t:0', 0]]),
  compression: 'none',
  ...more,
})

const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array))
const header = fc.tuple(fc.oneof(fc.string({ maxLength: 40 }), bytes), fc.option(bytes))
/** Short and long, of ASCII, of Latin letters, of any, and with halves of pairs. */
const text = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\ud83d'), maxLength: 60 }),
  // Where UTF-8 begins to take two bytes.
  fc.string({ unit: fc.constantFrom('a', '\x7f', '\x80'), maxLength: 40 }),
)
const either = fc.oneof(bytes, text)
const record: fc.Arbitrary<KafkaRecord> = fc.record({
  topic: fc.constant('t'),
  key: fc.option(either, { nil: undefined }),
  value: fc.option(either),
  headers: fc.option(fc.array(header, { maxLength: 4 }), { nil: undefined }),
  // With one of its own, or else two clocks would be asked; of differences beyond 31 bits the library makes something else.
  timestamp: fc.bigInt({ min: 1_700_000_000_000n, max: 1_701_000_000_000n }),
})
const records = fc.array(record, { minLength: 1, maxLength: 80 })

describe('a request to write records', () => {
  it('is, byte for byte, what the library would write, in each version', async () => {
    const place = fc.record({ topic: fc.constantFrom('t', 'u'), partition: fc.nat(2), records })
    const parts = fc.uniqueArray(place, {
      minLength: 1,
      maxLength: 4,
      selector: ({ topic, partition }) => `${topic}:${partition}`,
    })
    const transactionalId = fc.option(fc.string({ minLength: 1 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...VERSIONS), parts, transactionalId, async (version, placed, id) => {
        // The library puts what is of one topic together, and partitions in their order.
        const sorted = placed.toSorted((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
        const sequences = new Map(sorted.map(({ topic, partition }) => [`${topic}:${partition}`, 0]))
        const settings = options({ transactionalId: id, sequences })
        expect(await requests()(version, sorted, settings)).toEqual(await theirs(version, sorted, settings))
      }),
    )
  })

  it('is compressed as the library does it', async () => {
    const part = { topic: 't', partition: 0, records: [{ topic: 't', value: Buffer.alloc(500, 'x'), timestamp: 5n }] }
    for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      const settings = options({ compression })
      expect(await requests()(11, [part], settings), compression).toEqual(await theirs(11, [part], settings))
    }
  })

  it('holds strings of names and lengths beyond one byte', async () => {
    const value = Buffer.alloc(70_000, 'v')
    const part = {
      topic: 't',
      partition: 0,
      records: Array.from({ length: 200 }, (_, n) => ({
        topic: 't',
        value: n % 2 ? value : Buffer.from('ü'),
        headers: [['grün', Buffer.from('x')] as const],
        timestamp: BigInt(n % 3 ? 1_700_000_000_000 : 1_700_000_000_001),
      })),
    }
    expect(await requests()(9, [part], options())).toEqual(await theirs(9, [part], options()))
  })
})

describe('times of records', () => {
  /** A signed number of variable length, by Kafka's description of its protocol. */
  function varint(from: Buffer, at: number): { readonly value: bigint; readonly next: number } {
    let raw = 0n
    let next = at
    for (let shift = 0n; ; shift += 7n) {
      const byte = from[next++] ?? 0
      raw |= BigInt(byte & 127) << shift
      if (byte < 128) return { value: (raw >> 1n) ^ -(raw & 1n), next }
    }
  }

  it('may be as far apart as they like', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 52n }), fc.bigInt({ min: 0n, max: 2n ** 52n }), (first, second) => {
        const two = [first, second].map(timestamp => ({ topic: 't', value: Buffer.from('x'), timestamp }))
        const bytes = recordsIn(encodeRecords(two, 0))
        const length = varint(bytes, 0)
        const start = length.next + Number(length.value)
        const delta = varint(bytes, varint(bytes, start).next + 1)
        expect(delta.value).toBe(second - first)
        expect(varint(bytes, start).next + Number(varint(bytes, start).value)).toBe(bytes.length)
      }),
    )
  })
})

describe('numbers of records', () => {
  const part = (count: number) => ({
    topic: 't',
    partition: 0,
    records: Array.from({ length: count }, () => ({ topic: 't', value: Buffer.from('x'), timestamp: 1n })),
  })
  /** Where the batch of a request has its first number, by asking the library what it would write with that. */
  const expectSequence = async (made: Buffer, count: number, sequence: number, more: Partial<Options> = {}) =>
    expect(made).toEqual(await theirs(11, [part(count)], options({ ...more, sequences: new Map([['t:0', sequence]]) })))

  it('go on with the records, whatever the client counts', async () => {
    const request = requests()
    await expectSequence(await request(11, [part(5)], options()), 5, 0)
    await expectSequence(await request(11, [part(3)], options({ sequences: new Map([['t:0', 1]]) })), 3, 5)
    // It begins anew when another topic of the producer fails, and this one has its id already.
    await expectSequence(await request(11, [part(1)], options()), 1, 8)
  })

  it('stay the same for records that are tried again, also after later ones', async () => {
    const request = requests()
    const [first, second] = [part(5), part(3)]
    await request(11, [first], options())
    await expectSequence(await request(11, [second], options()), 3, 5)
    await expectSequence(await request(11, [second], options()), 3, 5)
    await expectSequence(await request(11, [first], options()), 5, 0)
    await expectSequence(await request(11, [part(3)], options()), 3, 8)
  })

  it('begin anew with another producer id or epoch', async () => {
    const request = requests()
    const again = part(2)
    await request(11, [part(5)], options())
    await expectSequence(await request(11, [again], options({ producerEpoch: 4 })), 2, 0, { producerEpoch: 4 })
    await expectSequence(await request(11, [part(2)], options({ producerEpoch: 4 })), 2, 2, { producerEpoch: 4 })
    await expectSequence(await request(11, [again], options({ producerId: 9n })), 2, 0, { producerId: 9n })
  })

  it('are of each partition by itself', async () => {
    const request = requests()
    const sequences = new Map(['t:0', 't:1', 'u:0'].map(place => [place, 0]))
    await request(11, [part(5), { ...part(1), partition: 1 }, { ...part(2), topic: 'u' }], options({ sequences }))
    await expectSequence(await request(11, [part(1)], options()), 1, 5)
    const made = await request(11, [{ ...part(1), partition: 1 }], options({ sequences }))
    expect(made).toEqual(
      await theirs(11, [{ ...part(1), partition: 1 }], options({ sequences: new Map([['t:1', 1]]) })),
    )
  })

  it('begin at 0 again beyond 31 bits', () => {
    const sequences = new Sequences()
    expect(sequences.of('7:3', 't:0', [], 2 ** 31 - 3)).toBe(0)
    expect(sequences.of('7:3', 't:0', [], 5)).toBe(2 ** 31 - 3)
    expect(sequences.of('7:3', 't:0', [], 1)).toBe(2)
  })

  it('count what the client sends to one partition by two messages as one batch: a topic may have fewer than before', async () => {
    const request = requests()
    const [one, other] = [part(2), part(3)]
    await expectSequence(await request(11, [one, other], options()), 5, 0)
    await expectSequence(await request(11, [one, other], options()), 5, 0)
    await expectSequence(await request(11, [part(1)], options()), 1, 5)
  })
})
