import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { Consumer } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { numbers, reading, transaction, transactional, within } from './support/real.ts'

const kafka = sharedKafka()
const uriOf = (topic: string) =>
  `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest&isolationLevel=read_committed`

/** Two aborted transactions of one producer, and what was committed around them. */
async function twoAborted() {
  const topic = await kafka.topic()
  const client = transactional(kafka.brokers, kafka.name('tx'))
  await transaction(client, topic, ['a'], 'commit')
  await transaction(client, topic, ['aborted 1'], 'abort')
  await transaction(client, topic, ['b'], 'commit')
  await transaction(client, topic, ['aborted 2'], 'abort')
  await transaction(client, topic, ['c'], 'commit')
  return topic
}

/** An aborted transaction that is longer than one fetch, between two that were committed. */
async function longAborted() {
  const topic = await kafka.topic()
  const client = transactional(kafka.brokers, kafka.name('tx'))
  await transaction(client, topic, ['first'], 'commit')
  await transaction(client, topic, numbers(2_000), 'abort')
  await transaction(client, topic, ['last'], 'commit')
  return topic
}

describe('isolationLevel=read_committed', () => {
  it('read-committed leak: shows nothing of two aborted transactions of one producer within one fetch', async () => {
    const { route } = await reading(kafka.brokers, uriOf(await twoAborted()))
    await within(20, () => expect(route.bodies).toContain('c'))
    expect(route.bodies).toEqual(['a', 'b', 'c'])
  })

  it('shows nothing of an aborted transaction that is longer than one fetch', async () => {
    const uri = `${uriOf(await longAborted())}&fetchMaxBytes=4096&maxPartitionFetchBytes=4096`
    const { route } = await reading(kafka.brokers, uri)
    await within(20, () => expect(route.bodies).toContain('last'))
    expect(route.bodies).toEqual(['first', 'last'])
  })

  it('stops before a transaction that is open, and goes on when it ends', async () => {
    const topic = await kafka.topic()
    const client = transactional(kafka.brokers, kafka.name('tx'))
    await transaction(client, topic, ['a'], 'commit')
    const one = await client.beginTransaction()
    await one.send({ messages: [{ topic, partition: 0, value: Buffer.from('open') }] })
    const { route } = await reading(kafka.brokers, uriOf(topic))
    await within(20, () => expect(route.bodies).toEqual(['a']))
    const uncommitted = await reading(kafka.brokers, uriOf(topic).replace('read_committed', 'read_uncommitted'))
    await within(20, () => expect(uncommitted.route.bodies).toEqual(['a', 'open']))
    expect(route.bodies).toEqual(['a'])
    await one.commit()
    await within(20, () => expect(route.bodies).toEqual(['a', 'open']))
  })

  it('commits offsets past what it does not show', async () => {
    const topic = await longAborted()
    const groupId = kafka.name('group')
    const uri = `kafka:${topic}?groupId=${groupId}&autoOffsetReset=earliest&isolationLevel=read_committed&autoCommitIntervalMs=50`
    const first = await reading(kafka.brokers, uri)
    await within(20, () => expect(first.route.bodies).toEqual(['first', 'last']))
    await first.stop()
    const second = await reading(kafka.brokers, uri)
    await transaction(transactional(kafka.brokers, kafka.name('tx')), topic, ['new'], 'commit')
    await within(20, () => expect(second.route.bodies).toEqual(['new']))
  })
})

// When this one fails the client has learned it, and our own filter may go.
it('the client by itself leaks', async () => {
  const topic = await twoAborted()
  const consumer = new Consumer({ clientId: 'test', bootstrapBrokers: [kafka.brokers], groupId: kafka.name('group') })
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', isolationLevel: 1, maxWaitTime: 500 })
  const values: string[] = []
  for await (const { value } of stream) {
    values.push(String(value))
    if (values.at(-1) === 'c') break
  }
  await consumer.close(true)
  expect(values).toContain('aborted 1')
})
