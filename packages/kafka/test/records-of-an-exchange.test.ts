import { DromedaryError, type Exchange } from '@dromedary/core/component'
import { fakeRoute } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { OUT, type RecordRules, recordMaker } from '../src/producer/records.ts'

const RULES: RecordRules = {
  uri: 'kafka://orders',
  topic: 'orders',
  key: undefined,
  partitionKey: undefined,
  useIterator: true,
  batchWithIndividualHeaders: false,
  maxRequestSize: 1_000,
}

function exchange(body: unknown, headers: Record<string, unknown> = {}): Exchange {
  const made = fakeRoute().context.createExchange(body)
  for (const [name, value] of Object.entries(headers)) made.message.setHeader(name, value)
  return made
}

const records = (body: unknown, headers?: Record<string, unknown>, rules: Partial<RecordRules> = {}) =>
  recordMaker({ ...RULES, ...rules })(exchange(body, headers))
const values = (body: unknown, rules?: Partial<RecordRules>) =>
  records(body, {}, rules).map(({ value }) => value?.toString())

function refusal(make: () => unknown): DromedaryError {
  try {
    make()
  } catch (error) {
    if (error instanceof DromedaryError) return error
  }
  return expect.fail('it was not refused')
}

describe('the value of a record', () => {
  it('is a text as UTF-8, bytes as they are, plain values as text, and nothing as a tombstone', () => {
    expect(values('grüß')).toEqual(['grüß'])
    const bytes = Buffer.from([1, 2, 255])
    expect(records(bytes)[0]?.value).toBe(bytes)
    expect(records(new Uint8Array([1, 2]))[0]?.value).toEqual(Buffer.from([1, 2]))
    expect(values(12)).toEqual(['12'])
    expect(values(true)).toEqual(['true'])
    expect(values(12n)).toEqual(['12'])
    expect(values(new Date(0))).toEqual(['1970-01-01T00:00:00.000Z'])
    expect(records(null)[0]?.value).toBeNull()
  })

  it('is empty, and no tombstone, of an empty text', () => {
    expect(records('', { [OUT.key]: '' })[0]).toMatchObject({ key: '', value: '' })
  })

  it('is no object: that is refused with what to do', () => {
    const { code, message } = refusal(() => records({ a: 1 }))
    expect(code).toBe('DROMEDARY_KAFKA_RECORD')
    expect(message).toMatch(/kafka:\/\/orders.*object.*marshal/)
    expect(refusal(() => records(new Map())).message).toContain('Map')
    expect(refusal(() => records(() => {})).message).toContain('function')
  })

  it('is not larger than maxRequestSize, key and headers included', () => {
    expect(records(Buffer.alloc(960))).toHaveLength(1)
    expect(refusal(() => records(Buffer.alloc(1_001))).message).toContain('maxRequestSize')
    // In bytes, not in characters.
    expect(records('x'.repeat(960))).toHaveLength(1)
    expect(refusal(() => records('é'.repeat(501))).message).toContain('maxRequestSize')
    expect(refusal(() => records('', { [OUT.key]: '€'.repeat(334) })).message).toContain('maxRequestSize')
    expect(refusal(() => records(Buffer.alloc(500), { [OUT.key]: 'k'.repeat(500) })).code).toBe(
      'DROMEDARY_KAFKA_RECORD',
    )
    expect(refusal(() => records(Buffer.alloc(500), { trace: 'x'.repeat(500) })).code).toBe('DROMEDARY_KAFKA_RECORD')
  })
})

describe('a list', () => {
  it('is a record for each element', () => {
    expect(values(['a', Buffer.from('b'), 3])).toEqual(['a', 'b', '3'])
    expect(values(new Set(['a', 'b']))).toEqual(['a', 'b'])
    expect(records([])).toEqual([])
    expect(values([exchange('inner')])).toEqual(['inner'])
  })

  it('is refused without useIterator', () => {
    expect(refusal(() => records(['a'], {}, { useIterator: false })).message).toContain('useIterator')
  })

  it('has the headers of the exchange, or with batchWithIndividualHeaders each its own', () => {
    const parts = [exchange('a', { kind: 'own', [OUT.key]: 'k1' }), exchange('b').message]
    const shared = records(parts.slice(0, 1), { kind: 'shared' })
    expect(shared.map(({ headers }) => String(headers?.[0]?.[1]))).toEqual(['shared'])
    const own = records(parts, { kind: 'shared' }, { batchWithIndividualHeaders: true })
    expect(own.map(({ headers }) => headers?.[0]?.[1]?.toString())).toEqual(['own', undefined])
    expect(own.map(({ value }) => String(value))).toEqual(['a', 'b'])
    expect(own.map(({ key }) => key?.toString())).toEqual(['k1', undefined])
  })
})

describe('key, partition, topic and time', () => {
  it('come from the headers, the key and the partition of the endpoint before them', () => {
    const headers = { [OUT.key]: 'k', [OUT.partition]: '2', [OUT.timestamp]: 5_000 }
    expect(records('x', headers)[0]).toMatchObject({ key: 'k', partition: 2, timestamp: 5_000n })
    expect(records('x', headers, { key: 'own', partitionKey: 1 })[0]).toMatchObject({
      key: Buffer.from('own'),
      partition: 1,
    })
    expect(records('x', { [OUT.timestamp]: new Date(7) })[0]?.timestamp).toBe(7n)
    expect(records('x')[0]).toEqual({ topic: 'orders', value: 'x', size: expect.any(Number) })
  })

  it('another topic is for one send: its header goes', () => {
    const made = exchange('x', { [OUT.topic]: 'other' })
    const make = recordMaker(RULES)
    expect(make(made)[0]?.topic).toBe('other')
    expect(make(made)[0]?.topic).toBe('orders')
  })

  it('that make no sense are refused by name', () => {
    for (const [header, value] of [
      [OUT.key, {}],
      [OUT.partition, -1],
      [OUT.partition, 'two'],
      [OUT.timestamp, 'soon'],
      [OUT.topic, 'a/b'],
      [OUT.topic, '..'],
    ] as const) {
      expect(refusal(() => records('x', { [header]: value })).message).toContain(header)
    }
  })
})

describe('headers', () => {
  const names = (headers: Record<string, unknown>) =>
    records('x', headers)[0]?.headers?.map(([name]) => name.toString())

  it('go along as bytes, those without a form do not', () => {
    const [record] = records('x', { text: 'a', bytes: Buffer.from('b'), number: 3, object: {}, nothing: null })
    expect(record?.headers?.map(([name, value]) => [name.toString(), value?.toString()])).toEqual([
      ['text', 'a'],
      ['bytes', 'b'],
      ['number', '3'],
    ])
  })

  it('that control engine and components stay here, whatever their case', () => {
    expect(
      names({ CamelFoo: 1, camelFoo: 1, 'org.apache.camel.x': 1, DromedaryX: 1, DROMEDARY_Y: 1, fine: 1 }),
    ).toEqual(['fine'])
    expect(names({ CamelFoo: 1 })).toBeUndefined()
  })

  it('carry the term of the leader, and nobody can claim another', () => {
    const made = exchange('x', { DromedaryClusterTerm: '99' })
    made.setProperty('DromedaryClusterTerm', 7n)
    const [record] = recordMaker(RULES)(made)
    expect(record?.headers?.map(([name, value]) => [name.toString(), value?.toString()])).toEqual([
      ['DromedaryClusterTerm', '7'],
    ])
  })
})
