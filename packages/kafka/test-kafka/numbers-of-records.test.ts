import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { PlatformaticProducer } from '../src/client/platformatic/producer.ts'
import type { Compression } from '../src/client/port.ts'

const kafka = sharedKafka()
const open: PlatformaticProducer[] = []
afterEach(async () => {
  for (const producer of open.splice(0)) await producer.close()
})

describe('topics that share a producer', () => {
  it.each<Compression>(['none', 'gzip'])(
    'do not suffer from one whose records are refused again and again (compression %s)',
    async compression => {
      const [small, topic] = [await kafka.topic({ config: { 'max.message.bytes': '1000' } }), await kafka.topic()]
      const troubles: string[] = []
      const producer = new PlatformaticProducer(
        // What it knows of topics is old at once: it asks between its choice of a producer id and that of a number.
        { clientId: 'test', bootstrapBrokers: kafka.brokers.split(','), metadataMaxAge: 1, retryDelay: 20 },
        { acks: 'all', idempotent: true, compression, onRetry: error => troubles.push((error as Error).message) },
      )
      open.push(producer)
      const large = randomBytes(5_000)
      const value = (text: string | Buffer, of: string) => ({ topic: of, value: Buffer.from(text) })
      const one = (of: string, records: readonly ReturnType<typeof value>[]) =>
        producer.send(of, new Map([[0, records]]), AbortSignal.timeout(20_000))
      await one(topic, [value('first', topic)])
      let isOver = false
      const refused = (async () => {
        const outcomes = new Set<boolean>()
        while (!isOver) {
          outcomes.add((await one(small, [value(large, small)])).get(0)?.written === true)
          await wait(Math.random() * 20)
        }
        return outcomes
      })()
      const values = ['first']
      try {
        for (let round = 0; round < 150; round++) {
          const part = Array.from({ length: 1 + (round % 4) }, (_, n) => `${round}.${n}`)
          const outcome = await one(
            topic,
            part.map(text => value(text, topic)),
          )
          expect(outcome.get(0)).toEqual({ written: true, offset: BigInt(values.length) })
          values.push(...part)
          await wait(Math.random() * 4)
        }
      } finally {
        isOver = true
        await refused
      }
      expect(await refused).toEqual(new Set([false]))
      // Ids are given out in blocks; between two of them it has to wait.
      expect(troubles.filter(trouble => !trouble.includes('InitProducerId'))).toEqual([])
      expect(await kafka.read(topic, { count: values.length })).toEqual(values)
    },
  )
})

describe('connections that break', () => {
  it.each<Compression>(['none', 'gzip'])(
    'lose nothing, and double nothing, in any partition, while other records are refused (compression %s)',
    async compression => {
      await using proxy = await kafka.proxy()
      const small = await kafka.topic({ config: { 'max.message.bytes': '1000' } })
      const topics = await Promise.all([1, 2].map(() => kafka.topic({ partitions: 3 })))
      const producer = new PlatformaticProducer(
        {
          clientId: 'test',
          bootstrapBrokers: [proxy.address],
          metadataMaxAge: 50,
          requestTimeout: 1_000,
          retryDelay: 5,
        },
        { acks: 'all', idempotent: true, compression, onRetry: () => {} },
      )
      open.push(producer)
      const large = randomBytes(5_000)
      let isOver = false
      const weather = (async () => {
        while (!isOver) {
          await wait(20 + Math.random() * 150)
          if (Math.random() < 0.5) {
            await proxy.holdAnswers()
            await wait(Math.random() * 40)
          }
          await proxy.reset()
          await proxy.pass()
        }
      })()
      const refused = (async () => {
        while (!isOver) {
          await producer.send(small, new Map([[0, [{ topic: small, value: large }]]]), AbortSignal.timeout(30_000))
          await wait(Math.random() * 50)
        }
      })()
      const write = async (topic: string) => {
        const values: string[][] = [[], [], []]
        for (let round = 0; round < 200; round++) {
          const parts = new Map(
            values.flatMap((all, partition) => {
              const count = Math.floor(Math.random() * 4)
              const part = Array.from({ length: count }, (_, n) => `${partition}: ${round}.${n}`)
              all.push(...part)
              return count === 0 ? [] : [[partition, part.map(text => ({ topic, value: Buffer.from(text) }))] as const]
            }),
          )
          if (parts.size === 0) continue
          const outcome = await producer.send(topic, parts, AbortSignal.timeout(30_000))
          expect([...outcome.values()].filter(({ written }) => !written)).toEqual([])
        }
        return values
      }
      try {
        const written = await Promise.all(topics.map(write))
        for (const [at, topic] of topics.entries()) {
          const all = written[at]?.flat() ?? []
          const read = await kafka.read(topic, { count: all.length })
          expect(await Promise.all([0, 1, 2].map(partition => kafka.endOffset(topic, { partition })))).toEqual(
            written[at]?.map(({ length }) => length),
          )
          // The console reads partitions as they come.
          const byPartition = [0, 1, 2].flatMap(partition => read.filter(one => one.startsWith(`${partition}:`)))
          expect(byPartition).toEqual(all)
        }
      } finally {
        isOver = true
        await Promise.all([weather, refused])
      }
    },
  )
})
