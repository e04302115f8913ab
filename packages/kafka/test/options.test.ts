import { isDromedaryError, type Producer } from '@dromedary/core/component'
import { FakeClock, fakeRoute } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import type { FetchLimits, MemberSettings, ProducerSettings } from '../src/client/port.ts'
import { kafka } from '../src/index.ts'
import { kafkaComponent } from '../src/kafka.ts'
import { refused } from '../src/options/refused.ts'
import { reading } from './support/kit.ts'
import { MemoryKafka } from './support/memory-kafka.ts'

const route = () => fakeRoute({ clock: new FakeClock() })

function refusal(uri: string, use: 'consumer' | 'producer' | 'endpoint' = 'endpoint'): string {
  const fake = route()
  try {
    const endpoint = fake.endpoint(kafka, uri)
    if (use === 'consumer') endpoint.consumer?.(fake.entry)
    if (use === 'producer') endpoint.producer?.()
  } catch (error) {
    if (isDromedaryError(error)) return error.message
    throw error
  }
  return expect.fail('it was not refused')
}

describe('to consume', () => {
  it('a group is needed, of the endpoint or of the configuration', async () => {
    expect(refusal('kafka:orders', 'consumer')).toMatch(/groupId is required/)
    const memory = new MemoryKafka(new FakeClock()).topic('orders')
    const fake = fakeRoute({ clock: memory.clock, properties: { 'kafka.groupId': 'ours' } })
    const consumer = fake.consumer(kafkaComponent(memory.open), 'kafka:orders')
    await consumer.start(new AbortController().signal)
    expect([...memory.groups.keys()]).toEqual(['ours'])
    await consumer.quiesce()
    await consumer.close(false)
  })

  it('topics have to be names, or a pattern that is one', () => {
    expect(refusal('kafka:a,b%2Fc?groupId=g', 'consumer')).toContain('"b/c"')
    expect(refusal('kafka:(?groupId=g&topicIsPattern=true', 'consumer')).toContain('regular expression')
  })
})

describe('to produce', () => {
  it('there is one topic, with a name that brokers accept', () => {
    expect(refusal('kafka:a,b', 'producer')).toContain('one topic')
    expect(refusal('kafka:a%20b', 'producer')).toContain('"a b"')
  })
})

describe('what contradicts itself is refused with what to do', () => {
  it.each([
    ['requestRequiredAcks=1', 'enableIdempotence=false'],
    ['allowManualCommit=true', 'autoCommitEnable=false'],
    ['failedRecord=deadLetter', 'deadLetterTopic'],
    ['deadLetterTopic=dead', 'failedRecord=deadLetter'],
    ['sessionTimeoutMs=6000&heartbeatIntervalMs=3000', 'at most a third'],
    ['failedRecordDelay=2m', 'failedRecordMaxDelay'],
    ['batching=true&maxInFlight=2', 'exclude each other'],
    ['groupRemoteAssignor=range', 'groupProtocol=consumer'],
    ['transactionalId=t', 'transacted=true'],
    ['fences=t', 'transacted=true'],
    ['transacted=true&recordMetadata=true', 'recordMetadata'],
    ['transacted=true&enableIdempotence=false', 'enableIdempotence'],
  ])('%s', (query, help) => {
    expect(refusal(`kafka:orders?${query}`)).toContain(help)
  })
})

describe("Camel's options that there are not", () => {
  it.each(Object.keys(refused))('%s is refused with the reason', name => {
    expect(refusal(`kafka:orders?${name}=1`)).toContain(refused[name])
  })

  it('are none of those that there are', () => {
    const own = new Set(kafka.meta.options.map(({ name }) => name))
    expect(Object.keys(refused).filter(name => own.has(name))).toEqual([])
  })
})

describe('options of a member', () => {
  const cases: [string, (settings: MemberSettings) => unknown, unknown, unknown][] = [
    ['groupProtocol=consumer', one => one.protocol, 'classic', 'consumer'],
    ['groupProtocol=consumer&groupRemoteAssignor=uniform', one => one.remoteAssignor, undefined, 'uniform'],
    ['groupInstanceId=me', one => one.groupInstanceId, undefined, 'me'],
    ['partitionAssignor=roundrobin', one => one.assignor, 'range', 'roundrobin'],
    [
      'partitionAssignor=org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
      one => one.assignor,
      'range',
      'cooperative-sticky',
    ],
    ['sessionTimeoutMs=9000', one => one.sessionTimeoutMs, 45_000, 9_000],
    ['heartbeatIntervalMs=1000', one => one.heartbeatIntervalMs, 3_000, 1_000],
    ['maxPollIntervalMs=1m', one => one.rebalanceTimeoutMs, 300_000, 60_000],
    ['isolationLevel=read_committed', one => one.isolation, 'read_uncommitted', 'read_committed'],
  ]
  it.each(cases)('%s', async (query, read, byDefault, set) => {
    const settingsOf = async (uri: string) => {
      const { memory } = await reading(uri)
      return memory.group('g').members[0]?.settings as MemberSettings
    }
    expect(read(await settingsOf('kafka:orders'))).toBe(byDefault)
    expect(read(await settingsOf(`kafka:orders?${query}`))).toBe(set)
  })
})

describe('options of a fetch', () => {
  const cases: [string, (limits: FetchLimits) => unknown, unknown, unknown][] = [
    ['fetchMaxBytes=7', one => one.maxBytes, 1_048_576, 7],
    ['maxPartitionFetchBytes=7', one => one.maxBytesPerPartition, 1_048_576, 7],
    ['fetchMinBytes=7', one => one.minBytes, 1, 7],
    ['fetchWaitMaxMs=7', one => one.maxWaitMs, 500, 7],
  ]
  it.each(cases)('%s', async (query, read, byDefault, set) => {
    const limitsOf = async (uri: string) => {
      const { memory } = await reading(uri)
      return memory.group('g').members[0]?.limits[0] as FetchLimits
    }
    expect(read(await limitsOf('kafka:orders'))).toBe(byDefault)
    expect(read(await limitsOf(`kafka:orders?${query}`))).toBe(set)
  })
})

describe('options of a producer', () => {
  const cases: [string, (settings: ProducerSettings) => unknown, unknown, unknown][] = [
    ['compressionCodec=zstd', one => one.compression, 'none', 'zstd'],
    ['enableIdempotence=false', one => one.idempotent, true, false],
    ['requestRequiredAcks=-1', one => one.acks, 'all', 'all'],
    ['requestRequiredAcks=1&enableIdempotence=false', one => one.acks, 'all', 'one'],
    ['requestRequiredAcks=0&enableIdempotence=false', one => one.acks, 'all', 'none'],
  ]
  it.each(cases)('%s', async (query, read, byDefault, set) => {
    const settingsOf = async (uri: string) => {
      const memory = new MemoryKafka(new FakeClock()).topic('orders')
      const fake = fakeRoute({ clock: memory.clock })
      const producer = fake.endpoint(kafkaComponent(memory.open), uri).producer?.() as Producer
      await producer.start?.(new AbortController().signal)
      await producer.send(fake.context.createExchange('x'))
      await producer.close?.()
      return memory.producerSettings[0] as ProducerSettings
    }
    expect(read(await settingsOf('kafka:orders'))).toBe(byDefault)
    expect(read(await settingsOf(`kafka:orders?${query}`))).toBe(set)
  })
})
