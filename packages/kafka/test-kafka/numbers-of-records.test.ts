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
      const troubles: unknown[] = []
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
      troubles.length = 0
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
      expect(troubles).toEqual([])
      expect(await kafka.read(topic, { count: values.length })).toEqual(values)
    },
  )
})
