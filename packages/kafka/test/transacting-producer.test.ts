import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { TransactingProducer } from '../src/client/platformatic/transacting-producer.ts'
import { partitionOf } from '../src/producer/murmur2.ts'
import { record } from './support/workplace.ts'

/** A client whose calls end when a test says so: how these two get along does not show against a broker. */
function client() {
  const calls: string[] = []
  const pending = new Map<string, PromiseWithResolvers<void>>()
  const call = (name: string) => {
    calls.push(name)
    const one = Promise.withResolvers<void>()
    pending.set(name, one)
    return one.promise
  }
  const transaction = { send: () => call('send'), commit: () => call('commit'), abort: () => call('abort') }
  const made = {
    beginTransaction: async () => {
      calls.push('begin')
      return transaction
    },
    metadata: async ({ topics }: { topics: string[] }) => ({
      topics: new Map(topics.map(topic => [topic, topic.startsWith('__') ? undefined : { partitionsCount: 2 }])),
    }),
    close: async () => void calls.push('close'),
  }
  return { calls, end: (name: string) => pending.get(name)?.resolve(), made: made as never }
}

const turn = () => wait(1)

describe('a transacting producer', () => {
  it('takes a transaction in which nothing was sent for begun', async () => {
    const { calls, end, made } = client()
    const producer = new TransactingProducer(1_000, async () => made)
    await producer.begin()
    await producer.begin()
    expect(calls).toEqual(['begin'])
    const sent = producer.send([record('x')])
    await turn()
    end('send')
    await sent
    await producer.begin()
    expect(calls).toEqual(['begin', 'send', 'begin'])
  })

  it('asks once for each partition what a predecessor has left open there, and sends nothing where something is', async () => {
    const asked: unknown[] = []
    let open: { topic: string; partition: number; startOffset: bigint } | undefined
    const { calls, end, made } = client()
    const producer = new TransactingProducer(
      1_000,
      async () => made,
      async (_, places) => {
        asked.push(...places.map(({ topic, partition }) => `${topic}:${partition}`))
        return open
      },
    )
    const send = async (...args: Parameters<typeof producer.send>) => {
      const sent = producer.send(...args)
      await turn()
      end('send')
      await sent
    }
    await producer.begin()
    await send([record('kept', { topic: 'positions' })], true)
    await send([record('a'), record('b', { partition: 1 })])
    await send([record('a'), record('kept', { topic: 'positions' })])
    expect(asked).toEqual(['data:0', 'data:1'])
    expect(calls).toEqual(['begin', 'send', 'send', 'send'])
    open = { topic: 'other', partition: 0, startOffset: 7n }
    await expect(producer.send([record('c', { topic: 'other' })])).rejects.toThrow(
      'partition 0 of other, from offset 7',
    )
    expect(calls).toHaveLength(4)
  })

  it('puts each key into its partition, also an empty one, whatever comes before', async () => {
    const { end, made } = client()
    const placed: string[] = []
    const look = async (_: unknown, places: readonly { topic: string; partition: number }[]) => {
      placed.push(...places.map(({ partition }) => `${partition}`))
      return undefined
    }
    for (const key of ['', 'a', 'b', 'grüß', Buffer.from('b')]) {
      for (const before of [0, 1]) {
        const producer = new TransactingProducer(1_000, async () => made, look)
        await producer.begin()
        for (const records of [
          ...Array.from({ length: before }, () => []),
          [record('x', { key, partition: undefined })],
        ]) {
          const sent = producer.send(records)
          await turn()
          end('send')
          await sent
        }
        expect(placed.splice(0), `${key} after ${before}`).toEqual([`${partitionOf(key, 2)}`])
      }
    }
  })

  it('aborts after the call that is under way, not before', async () => {
    const { calls, end, made } = client()
    const producer = new TransactingProducer(1_000, async () => made)
    await producer.begin()
    void producer.send([record('x')])
    await turn()
    const aborted = producer.abort()
    await turn()
    expect(calls).toEqual(['begin', 'send'])
    end('send')
    await turn()
    expect(calls).toEqual(['begin', 'send', 'abort'])
    end('abort')
    await aborted
  })

  it('aborts nothing that was committed meanwhile, or in which nothing was sent', async () => {
    const { calls, end, made } = client()
    const producer = new TransactingProducer(1_000, async () => made)
    await producer.begin()
    await producer.abort()
    await producer.begin()
    const sent = producer.send([record('x')])
    await turn()
    end('send')
    await sent
    void producer.commit()
    await turn()
    const aborted = producer.abort()
    end('commit')
    await aborted
    expect(calls).toEqual(['begin', 'send', 'commit'])
  })

  it('gives up a call that takes too long, and does not abort under it', async () => {
    const { calls, made } = client()
    const producer = new TransactingProducer(20, async () => made)
    await producer.begin()
    await expect(producer.send([record('x')])).rejects.toThrowError('did not answer within 20 ms')
    await producer.abort()
    await producer.close()
    expect(calls).toEqual(['begin', 'send', 'close'])
  })

  it('tells the broker nothing once it was closed', async () => {
    const { calls, made } = client()
    const making = Promise.withResolvers<never>()
    const producer = new TransactingProducer(1_000, () => making.promise)
    const begun = producer.begin()
    const closed = producer.close()
    making.resolve(made)
    await expect(begun).rejects.toThrowError('closed')
    await closed
    expect(calls).toEqual(['close'])
  })

  it.each([
    ['a partition that is not there', { partition: 2 }],
    ["a topic of Kafka's own, for which the client would throw into nowhere", { topic: '__consumer_offsets' }],
  ])('refuses %s', async (_, wrong) => {
    const { calls, made } = client()
    const producer = new TransactingProducer(1_000, async () => made)
    await producer.begin()
    await expect(producer.send([record('x', wrong)])).rejects.toThrowError('nobody may write to partition')
    expect(calls).toEqual(['begin'])
  })
})
