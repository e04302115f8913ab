import net from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { afterEach, expect, it, vi } from 'vitest'
import { openPlatformatic } from '../src/client/platformatic/index.ts'
import { member } from './session-kit.ts'

const PRODUCE = 0

afterEach(() => vi.restoreAllMocks())

/** The client's own filter drops it: one range for a producer, from its first aborted record to its last abort marker. */
it('reads what was committed between two aborted transactions of one transactional id', async () => {
  const kafka = sharedKafka()
  const topic = await kafka.topic()
  const { transactions } = member(kafka.brokers)
  const record = (value: string) => ({ topic, partition: 0, value: Buffer.from(value) })
  const producers = [1, 2, 3, 4].map(() => transactions.producer(topic))
  const [first, second, third, fourth] = producers as [(typeof producers)[0], ...typeof producers]
  await first.begin()
  await first.send([record('aborted')])
  await second?.begin()
  await second?.send([record('committed')])
  await second?.commit()
  // The third dies with a partition in its transaction, and nothing written there.
  await third?.begin()
  const write = net.Socket.prototype.write
  vi.spyOn(net.Socket.prototype, 'write').mockImplementation(function (this: net.Socket, ...all: unknown[]) {
    const [bytes] = all
    if (Buffer.isBuffer(bytes) && bytes.length > 8 && bytes.readInt16BE(4) === PRODUCE) return true
    return Reflect.apply(write, this, all)
  })
  void third?.send([record('never written')]).catch(() => {})
  await wait(500)
  vi.restoreAllMocks()
  await fourth?.begin()
  const connection = {
    brokers: kafka.brokers.split(','),
    clientId: 'test',
    metadataMaxAgeMs: 5_000,
    requestTimeoutMs: 3_000,
    retryBackoffMs: 50,
    retryBackoffMaxMs: 500,
    tls: undefined,
    sasl: undefined,
  }
  const reader = (await openPlatformatic(connection, systemClock)).reader()
  await expect.poll(async () => String(await reader.lastStableOffset(topic, 0))).toBe('5')
  const { batches } = await reader.read({ topic, partition: 0, offset: 0n }, 1_048_576, 500)
  expect(batches.flatMap(({ records }) => records.map(({ value }) => String(value)))).toEqual(['committed'])
  await reader.close()
  for (const producer of producers) await producer.close().catch(() => {})
})
