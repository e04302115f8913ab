import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { eventually } from '@dromedary/testing'
import * as library from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, member, record, TestLeadership, transactionsOf } from './session-kit.ts'

let server: KafkaServer

beforeAll(async () => {
  // Else it takes no record of a transaction that it was not told of.
  server = await startKafka({ properties: { 'transaction.partition.verification.enable': 'false' } })
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

/** Leaves records in a transaction that the coordinator knows nothing of, and whose end therefore never comes. */
async function loseEnd(transactionalId: string, topic: string, values: readonly string[]): Promise<void> {
  const producer = new library.Producer<string, string, string, string>({
    clientId: 'lost',
    bootstrapBrokers: server.brokers.split(','),
    transactionalId,
    idempotent: true,
    serializers: library.stringSerializers,
    producerId: -1n,
    producerEpoch: -1,
  } as never)
  const methods = producer as unknown as Record<symbol, (name: string, callback: (...all: unknown[]) => void) => void>
  const getApi = methods[library.kGetApi]?.bind(producer)
  methods[library.kGetApi] = (name, callback) => {
    if (name === 'AddPartitionsToTxn') callback(null, (...args: unknown[]) => (args.at(-1) as () => void)())
    else getApi?.(name, callback)
  }
  const transaction = await producer.beginTransaction()
  await transaction.send({ messages: values.map(value => ({ topic, partition: 0, value })) })
  await producer.close(true)
}

const abort = async (topic: string, startOffset: number) => {
  const where = ['--topic', topic, '--partition', '0', '--start-offset', String(startOffset)]
  await server.tool('kafka-transactions', ['abort', ...where])
}

describe('a session whose predecessor had a transaction that the brokers have lost the end of', () => {
  it('writes nothing where it is open, says so, and goes on once it is ended', async () => {
    const data = await server.topic()
    const positions = await server.topic({ config: { 'cleanup.policy': 'compact' } })
    const at = { transactionalId: server.name('tx'), positions, giveUpAfter: 0 }
    await exchange(member(server.brokers).session(at, new TestLeadership(1n)), {
      records: [record('a', { topic: data })],
      position: 1,
    })
    await loseEnd(at.transactionalId, data, ['b', 'c'])
    const place = member(server.brokers)
    const session = place.session(at, new TestLeadership(2n))
    expect(await session.opened()).toMatchObject({ position: 1 })
    const written = exchange(session, { records: ['b', 'c'].map(value => record(value, { topic: data })), position: 3 })
    await eventually(() => expect(place.lines.join()).toContain(`is open on partition 0 of ${data}, from offset 2 on`))
    await abort(data, 2)
    expect((await written).failed).toBe(false)
    await exchange(session, { records: [record('d', { topic: data })], position: 4 })
    expect(await server.read(data, { count: 4 })).toEqual(['a', 'b', 'c', 'd'])
  })

  it('would commit what it left, by its next transaction', async () => {
    const data = await server.topic()
    const transactionalId = server.name('tx')
    await loseEnd(transactionalId, data, ['lost'])
    const producer = transactionsOf(server.brokers).producer(transactionalId)
    await producer.begin()
    await producer.send([record('new', { topic: data })], true)
    await producer.commit()
    await producer.close()
    expect(await server.read(data, { count: 2 })).toEqual(['lost', 'new'])
  })
})
