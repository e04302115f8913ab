import { systemClock } from '@dromedary/core'
import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { eventually } from '@dromedary/testing'
import { Consumer, type Message, Producer } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baseOptions } from '../src/client/platformatic/base-options.ts'
import { has } from '../src/client/platformatic/failures.ts'
import { PlatformaticTransactions } from '../src/client/platformatic/transactions.ts'
import { partitionOf } from '../src/session/kept.ts'
import type { TransactionalProducer } from '../src/session/port.ts'
import { connectionTo, exchange, member, record, TestLeadership, transactionsOf } from './session-kit.ts'
import { transactional } from './support/real.ts'

const kafka = sharedKafka()

/** A transaction of one record, committed. */
async function commit(producer: TransactionalProducer, topic: string, value: string): Promise<void> {
  await producer.begin()
  await producer.send([record(value, { topic })])
  await producer.commit()
}

/** Id 0 and epoch 0 are what the client's defaults name: whoever has them on a fresh broker is not refused. */
async function takeFirstId(): Promise<void> {
  const first = transactionsOf(kafka.brokers).producer(kafka.name('first'))
  await first.begin()
  await first.close()
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    error => error,
  )
}

describe('a trap of transactions', () => {
  // Remedy: producerId -1n and producerEpoch -1 in transactions.ts.
  it('transactional init with -1/-1: a successor fences, and is not refused itself', async () => {
    await takeFirstId()
    const id = kafka.name('init')
    const topic = await kafka.topic()
    const client = transactionsOf(kafka.brokers)
    const old = client.producer(id)
    for (const value of ['a', 'b']) await commit(old, topic, value)
    const next = client.producer(id)
    await commit(next, topic, 'c')
    const error = await failureOf(commit(old, topic, 'zombie'))
    expect(client.isFenced(error)).toBe(true)
    expect(await kafka.read(topic, { count: 3 })).toEqual(['a', 'b', 'c'])
    await Promise.all([old.close(), next.close()])
  })

  it('transactional init with -1/-1: the client alone still gets it wrong', async () => {
    await takeFirstId()
    const id = kafka.name('init')
    const topic = await kafka.topic()
    const ours = transactionsOf(kafka.brokers).producer(id)
    for (const value of ['a', 'b']) await commit(ours, topic, value)
    const base = await baseOptions(connectionTo(kafka.brokers), systemClock)
    const theirs = new Producer({ ...base, transactionalId: id, idempotent: true, retries: 2, retryDelay: 10 })
    expect(await failureOf(theirs.beginTransaction())).toSatisfy((error: Error) => has(error, 'PRODUCER_FENCED'))
    await commit(ours, topic, 'c')
    await Promise.all([ours.close(), theirs.close()])
  })

  // Nothing of ours uses these offsets (decision record 9). When it fails, the client keeps both.
  it('concurrent offsets in a transaction: the client alone still drops one; positions are records for that reason', async () => {
    const topic = await kafka.topic({ partitions: 2 })
    const base = await baseOptions(connectionTo(kafka.brokers), systemClock)
    // A broker that is new has no coordinators for a moment.
    const consumer = new Consumer({ ...base, retries: 100, groupId: kafka.name('group') })
    const coordinatorId = await consumer.findGroupCoordinator()
    const group = { groupId: consumer.groupId, generationId: -1, memberId: '', coordinatorId }
    // As much of a message as the client looks at; it commits the offset after it.
    const read = (partition: number) =>
      ({ topic, partition, offset: 4n, metadata: { consumer: group } }) as unknown as Message
    const committed = async () =>
      (await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0, 1] }] })).get(topic)
    const theirs = transactional(kafka.brokers, kafka.name('offsets'))
    const transact = async (add: (offset: (partition: number) => Promise<void>) => Promise<unknown>) => {
      const transaction = await theirs.beginTransaction()
      await transaction.addConsumer(consumer)
      await add(partition => transaction.addOffset(read(partition)))
      await transaction.commit()
    }
    await transact(offset => Promise.all([offset(0), offset(1)]))
    await eventually(async () => expect(await committed()).toContain(5n), { within: 20_000 })
    // Which of them, nobody has promised.
    expect(await committed()).toContain(-1n)
    // One after the other both are kept: it is not the request that is wrong.
    await transact(async offset => {
      await offset(0)
      await offset(1)
    })
    await eventually(async () => expect(await committed()).toEqual([5n, 5n]), { within: 20_000 })
    await consumer.close(true)
  })

  it('concurrent offsets in a transaction: of positions that are records none is dropped, whatever partition they are in', async () => {
    const topic = await kafka.topic({ partitions: 2 })
    const positions = await kafka.topic({ partitions: 2, config: { 'cleanup.policy': 'compact' } })
    const ids = Array.from({ length: 20 }, (_, n) => `${kafka.name('position')}/${n}`)
    const routes = [0, 1].map(partition => ids.find(id => partitionOf(id, 2) === partition) as string)
    const place = member(kafka.brokers)
    const sessions = routes.map(transactionalId =>
      place.session({ transactionalId, positions }, new TestLeadership(1n)),
    )
    await Promise.all(sessions.map(session => session.opened()))
    await Promise.all(
      sessions.map((session, route) =>
        Promise.all(
          [0, 1].map(partition =>
            exchange(session, {
              records: [record(`${route} ${partition}`, { topic, partition })],
              position: { route, 0: 5, 1: 4 + partition },
            }),
          ),
        ),
      ),
    )
    const next = routes.map(transactionalId =>
      member(kafka.brokers).session({ transactionalId, positions }, new TestLeadership(2n)),
    )
    const kept = await Promise.all(next.map(async session => (await session.opened()).position))
    expect(kept).toEqual([0, 1].map(route => ({ route, 0: 5, 1: 5 })))
    expect((await kafka.read(topic, { count: 4 })).toSorted()).toEqual(['0 0', '0 1', '1 0', '1 1'])
  })

  // Remedy: retryDelay in transactions.ts. With the client's own, or that of the connection, each of these takes longer
  // than a second, because the broker is still busy with the one before.
  it('transaction retry delay: one transaction follows another at once', async () => {
    const topic = await kafka.topic({ partitions: 60 })
    const connection = { ...connectionTo(kafka.brokers), retryBackoffMs: 2_000, retryBackoffMaxMs: 2_000 }
    const base = () => baseOptions(connection, systemClock)
    const producer = new PlatformaticTransactions(base, { transactionTimeout: 10_000 }).producer(kafka.name('delay'))
    const records = Array.from({ length: 60 }, (_, partition) => record('x', { topic, partition }))
    const took: number[] = []
    for (let n = 0; n < 8; n++) {
      const since = performance.now()
      await producer.begin()
      await producer.send(records)
      await producer.commit()
      took.push(performance.now() - since)
    }
    const [, , , , median] = took.sort((one, other) => one - other)
    expect(median).toBeLessThan(900)
    await producer.close()
  })

  // Remedy: Writer.#write awaits each send. Without the await the broker refuses what is sent to the partitions that the
  // client has not named to it, and the session gives up.
  it('concurrent sends to new partitions: all records of a transaction are in it', async () => {
    const topic = await kafka.topic({ partitions: 24 })
    const place = member(kafka.brokers)
    const at = { transactionalId: kafka.name('concurrent'), positions: kafka.name('positions') }
    const session = place.session({ ...at, transactionInterval: 0 }, new TestLeadership(1n))
    await session.opened()
    const value = 'x'.repeat(100_000)
    const records = Array.from({ length: 96 }, (_, n) => record(`${n} ${value}`, { topic, partition: n % 24 }))
    expect((await exchange(session, { records })).failed).toBe(false)
    const read = await kafka.read(topic, { count: 96 })
    const numbers = read.map(line => Number(line.split(' ')[0])).sort((one, other) => one - other)
    expect(numbers).toEqual(records.map((_, n) => n))
    expect(place.lines.filter(line => line.startsWith('warn'))).toEqual([])
  })

  it('concurrent sends to new partitions: the client alone still loses one, and commits', async () => {
    const topic = await kafka.topic({ partitions: 2 })
    const transaction = await transactional(kafka.brokers, kafka.name('concurrent')).beginTransaction()
    const send = (partition: number) =>
      transaction.send({ messages: [{ topic, partition, value: Buffer.from(String(partition)) }] })
    const sent = await Promise.allSettled([send(0), send(1)])
    await transaction.commit()
    expect(sent.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await kafka.read(topic, { count: 1 })).toEqual([
      String(sent.findIndex(({ status }) => status === 'fulfilled')),
    ])
  })

  // Remedy: isFenced knows both.
  it('fenced errors recognised in both forms', async () => {
    const id = kafka.name('forms')
    const topic = await kafka.topic()
    const client = transactionsOf(kafka.brokers)
    const fence = async () => {
      const producer = client.producer(id)
      await producer.begin()
      await producer.close()
    }
    const old = client.producer(id)
    await old.begin()
    await old.send([record('a', { topic })])
    await fence()
    const bySend = await failureOf(old.send([record('b', { topic })]))
    const other = client.producer(id)
    await other.begin()
    await other.send([record('c', { topic })])
    await fence()
    const byCommit = await failureOf(other.commit())
    expect([bySend, byCommit].map(error => client.isFenced(error))).toEqual([true, true])
    const forms = [bySend, byCommit].map(error =>
      ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH'].filter(one => has(error, one)),
    )
    expect(new Set(forms.flat()).size).toBe(2)
    await Promise.all([old.close(), other.close()])
  })

  // Remedy: dropAborted, by way of the reader; without it the session goes on after position 99.
  it('read-committed position not fooled by aborted records', async () => {
    const positions = await kafka.topic({ partitions: 4, config: { 'cleanup.policy': 'compact' } })
    const id = kafka.name('aborted')
    const at = { transactionalId: id, positions }
    const place = member(kafka.brokers)
    const first = place.session(at, new TestLeadership(1n))
    await exchange(first, { position: 1 })
    await exchange(first, { position: 2 })
    const client = transactionsOf(kafka.brokers)
    // Several aborted ones of one producer, in one answer of the broker.
    const zombie = client.producer(id)
    const partition = partitionOf(id, 4)
    const value = JSON.stringify({
      v: 1,
      term: '1',
      writer: 'zombie',
      batch: 99,
      position: { value: 99 },
      origin: { term: '1', batch: 99 },
    })
    for (let n = 0; n < 3; n++) {
      await zombie.begin()
      for (let m = 0; m < 3; m++) {
        await zombie.send([{ topic: positions, partition, key: Buffer.from(id), value: Buffer.from(value) }])
      }
      await zombie.abort()
    }
    const next = member(kafka.brokers).session(at, new TestLeadership(2n))
    expect(await next.opened()).toMatchObject({ position: 2 })
    await zombie.close()
  })
})

describe('a transaction that is open for too long', () => {
  let server: KafkaServer
  beforeAll(async () => {
    const properties = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': 100 }
    server = await startKafka({ properties })
    // A new broker makes the topic of its transactions for the first of them: that can take longer than the test's time-out.
    const at = { transactionalId: 'first', positions: 'positions' }
    await exchange(member(server.brokers).session(at, new TestLeadership(1n)), { position: 1 })
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })

  // Remedy: the session throws the producer away after any failure, and writes the batch again with another one.
  it('dead producer after a time-out: what it had is written by another one', async () => {
    const topic = await server.topic()
    const place = member(server.brokers, { transactionTimeout: 1_000 })
    const at = { transactionalId: 'timeout', positions: 'positions', transactionInterval: 3_600_000 }
    const leadership = new TestLeadership(1n)
    const session = place.session(at, leadership)
    await exchange(session, { records: [record('first', { topic })] })
    const records = Array.from({ length: 1_500 }, (_, n) => record(`r${n}`, { topic }))
    const waits = exchange(session, { records, position: 5n })
    await eventually(async () => (await server.read(topic, { committed: false, count: 5 })).length > 4, {
      within: 20_000,
    })
    // Longer than the time-out, and than the broker takes to see that.
    await new Promise(resolve => setTimeout(resolve, 2_000))
    const more = exchange(session, { records: [record('last', { topic })], position: 6n })
    leadership.close('stopped')
    expect((await Promise.all([waits, more])).map(one => one.failed)).toEqual([false, false])
    const read = await server.read(topic, { count: 1_502 })
    expect(read).toEqual(['first', ...records.map(one => String(one.value)), 'last'])
    expect(place.lines.map(line => line.split(' ')[0])).toEqual(['warn', 'info'])
  })
})
