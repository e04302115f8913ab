import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'
import type { KafkaManualCommit } from '../src/index.ts'
import { numbers, reading, sending, within } from './support/real.ts'

const kafka = sharedKafka()
const earliest = (topic: string) => `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest`

async function deleteBefore(topic: string, offset: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-kafka-'))
  try {
    const file = join(folder, 'offsets.json')
    writeFileSync(file, JSON.stringify({ partitions: [{ topic, partition: 0, offset }], version: 1 }))
    await kafka.tool('kafka-delete-records', ['--offset-json-file', file], { folder })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('a record', () => {
  it('arrives with key, headers and time; a tombstone as none', async () => {
    const topic = await kafka.topic({ partitions: 3 })
    const { send } = await sending(kafka.brokers, `kafka:${topic}?recordMetadata=true`)
    const sent = await send('grüß', {
      CamelKafkaKey: 'k',
      CamelKafkaOverrideTimestamp: 1_700_000_000_000,
      kind: 'x',
      CamelFoo: 1,
    })
    const [place] = sent.message.header('CamelKafkaRecordMeta') as { partition: number; offset: number }[]
    await send(null, { CamelKafkaPartitionKey: place?.partition })
    const { route } = await reading(kafka.brokers, `${earliest(topic)}&headerDeserializer=string`)
    await within(20, () => expect(route.exchanges).toHaveLength(2))
    const [first, second] = route.exchanges
    expect(first?.body).toBe('grüß')
    expect(first?.message.headers.toJSON()).toMatchObject({
      kind: 'x',
      CamelKafkaKey: 'k',
      CamelKafkaTopic: topic,
      CamelKafkaPartition: place?.partition,
      CamelKafkaOffset: place?.offset,
      CamelKafkaTimestamp: 1_700_000_000_000,
    })
    expect(first?.message.headers.has('CamelFoo')).toBe(false)
    expect(second?.body).toBeNull()
  })

  it('is read by others as we wrote it', async () => {
    const topic = await kafka.topic()
    const { send } = await sending(kafka.brokers, `kafka:${topic}?key=k`)
    await send(['a', 'b'])
    expect(await kafka.read(topic, { count: 2, keys: true })).toEqual(['k\ta', 'k\tb'])
  })
})

describe.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compressionCodec=%s', codec => {
  it('is understood by us and by others', async () => {
    const topic = await kafka.topic()
    const { send } = await sending(kafka.brokers, `kafka:${topic}?compressionCodec=${codec}`)
    const values = numbers(300).map(value => `${value} ${'lorem ipsum '.repeat(20)}`)
    await Promise.all(values.map(value => send(value)))
    const { route } = await reading(kafka.brokers, earliest(topic))
    await within(20, () => expect(route.bodies).toEqual(values))
    expect(await kafka.read(topic, { count: 300 })).toEqual(values)
  })
})

describe('requestRequiredAcks', () => {
  it.each(['all', '-1', '1', '0'])('%s writes', async acks => {
    const topic = await kafka.topic()
    const { send } = await sending(kafka.brokers, `kafka:${topic}?enableIdempotence=false&requestRequiredAcks=${acks}`)
    for (const value of numbers(20)) await send(value)
    const { route } = await reading(kafka.brokers, earliest(topic))
    await within(20, () => expect(route.bodies).toEqual(numbers(20)))
  })
})

describe('a record that the broker refuses', () => {
  it('fails alone', async () => {
    const topic = await kafka.topic({ config: { 'max.message.bytes': '2000' } })
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    const results = await Promise.allSettled(
      numbers(100).map(value => send(value === '50' ? 'x'.repeat(5_000) : value)),
    )
    const failed = results.flatMap((result, at) =>
      result.status === 'rejected' ? [`${at} ${result.reason.code}`] : [],
    )
    expect(failed).toEqual(['50 DROMEDARY_KAFKA_SEND'])
    expect(await kafka.read(topic, { count: 99 })).toEqual(numbers(100).filter(value => value !== '50'))
  })

  it('because nothing but keys is compacted fails alone as well', async () => {
    const topic = await kafka.topic({ config: { 'cleanup.policy': 'compact' } })
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    const results = await Promise.allSettled(
      numbers(40).map(value => send(value, value === '7' ? {} : { CamelKafkaKey: value, CamelKafkaPartitionKey: 0 })),
    )
    expect(results.flatMap((result, at) => (result.status === 'rejected' ? [at] : []))).toEqual([7])
  })
})

describe('the oldest and the newest', () => {
  it('latest begins with what comes, and a restart before the first record loses nothing', async () => {
    const topic = await kafka.topic()
    const uri = `kafka:${topic}?groupId=${kafka.name('group')}`
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    await send('before')
    const first = await reading(kafka.brokers, uri)
    await first.stop()
    await send('between')
    const second = await reading(kafka.brokers, uri)
    await within(20, () => expect(second.route.bodies).toEqual(['between']))
  })

  it('a position that was deleted goes on with what is left', async () => {
    const topic = await kafka.topic()
    const uri = `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest`
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    await send(numbers(10))
    const first = await reading(kafka.brokers, uri, {
      route: exchange => (exchange.body === '3' ? new Promise(() => {}) : undefined),
    })
    await within(20, () => expect(first.route.bodies).toContain('3'))
    first.route.abort()
    await first.consumer.quiesce()
    await first.consumer.close(true)
    await send(numbers(5, 10))
    await deleteBefore(topic, 12)
    const second = await reading(kafka.brokers, uri)
    await within(20, () => expect(second.route.bodies).toEqual(['12', '13', '14']))
  })
})

describe('a manual commit', () => {
  it('is where the next one goes on', async () => {
    const topic = await kafka.topic()
    const uri = `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest&autoCommitEnable=false&allowManualCommit=true`
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    await send(numbers(10))
    const first = await reading(kafka.brokers, uri)
    await within(20, () => expect(first.route.exchanges).toHaveLength(10))
    const fourth = first.route.exchanges[3]?.message.header('CamelKafkaManualCommit') as KafkaManualCommit
    await fourth.commit()
    await first.stop()
    const second = await reading(kafka.brokers, uri)
    await within(20, () => expect(second.route.bodies).toEqual(numbers(6, 4)))
  })
})

describe('topics', () => {
  it('that match a pattern are read, those that come later too', async () => {
    const prefix = kafka.name('pattern')
    const uri = `kafka:${prefix}-.*?groupId=${kafka.name('group')}&topicIsPattern=true&autoOffsetReset=earliest&metadataMaxAgeMs=1000`
    await kafka.createTopic({ name: `${prefix}-a` })
    const { route } = await reading(kafka.brokers, uri)
    const { send } = await sending(kafka.brokers, `kafka:${prefix}-a`)
    await send('a')
    await within(20, () => expect(route.bodies).toEqual(['a']))
    await kafka.createTopic({ name: `${prefix}-b` })
    await send('b', { CamelKafkaOverrideTopic: `${prefix}-b` })
    await within(20, () => expect(route.bodies).toEqual(['a', 'b']))
  })
})
