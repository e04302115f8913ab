import { setTimeout as wait } from 'node:timers/promises'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { decodeKept, partitionOf } from '../src/session/kept.ts'
import { endOf, exchange, member, newExchange, record, TestLeadership, transactionsOf, work } from './session-kit.ts'

const kafka = sharedKafka()
const compact = { 'cleanup.policy': 'compact' }
const at = (positions = kafka.name('positions')) => ({ transactionalId: kafka.name('tx'), positions })

describe('a session on real brokers', () => {
  it.each([
    ['a bigint', 2n ** 60n],
    ['a text', 'höhe "1"'],
    ['a number', 0.5],
    ['an object', { file: 'a', lines: [1, 2], done: null }],
  ])('keeps a position that is %s', async (_, position) => {
    const settings = at()
    await exchange(member(kafka.brokers).session(settings, new TestLeadership(1n)), { position })
    const next = member(kafka.brokers).session(settings, new TestLeadership(2n))
    expect((await next.opened()).position).toEqual(position)
  })

  it('writes keys, headers of one name, tombstones and timestamps as they are', async () => {
    const topic = await kafka.topic()
    const session = member(kafka.brokers).session(at(), new TestLeadership(1n))
    const key = Buffer.from('key')
    const headers = [['a', Buffer.from('1')] as const, ['a', null] as const]
    const records = [
      { topic, key, value: Buffer.from('value'), headers, timestamp: 1_700_000_000_000n },
      { topic, key, value: null },
      { topic, value: Buffer.alloc(0) },
    ]
    await exchange(session, { records })
    expect(await kafka.read(topic, { count: 3, keys: true })).toEqual(['key\tvalue', 'key\tnull', 'null\t'])
  })

  it('has what copies of an exchange sent in the transaction of the exchange, or nothing', async () => {
    const topic = await kafka.topic()
    const session = member(kafka.brokers).session(at(), new TestLeadership(1n))
    const sendParts = async (name: string, position: number, failure?: Error) => {
      const whole = newExchange()
      work(session, whole, { position, failures: 'pass' })
      for (let part = 0; part < 3; part++) {
        const copy = whole.copy()
        work(session, copy, { records: [record(`${name}${part}`, { topic })] })
        await endOf(copy)
      }
      if (failure) {
        // A dead letter is a copy too; it does not undo that its exchange has failed.
        work(session, whole.copy(), { records: [record(`${name} failed`, { topic })] })
        whole.fail(failure)
      }
      return endOf(whole)
    }
    await sendParts('a', 1)
    await sendParts('b', 2, new Error('no'))
    await sendParts('c', 3)
    expect(await kafka.read(topic, { count: 6 })).toEqual(['a0', 'a1', 'a2', 'c0', 'c1', 'c2'])
  })

  it('waits for a transaction of another route on its partition of positions', async () => {
    const positions = await kafka.topic({ partitions: 1, config: compact })
    const settings = at(positions)
    await exchange(member(kafka.brokers).session(settings, new TestLeadership(1n)), { position: 1 })
    const other = transactionsOf(kafka.brokers).producer(kafka.name('other'))
    await other.begin()
    await other.send([record('x', { topic: positions, key: Buffer.from('other') })])
    // Hidden from readers of committed data, behind what is open.
    const behind = member(kafka.brokers).session(settings, new TestLeadership(2n))
    let isOpened = false
    const opened = behind.opened().then(kept => {
      isOpened = true
      return kept
    })
    await wait(700)
    expect(isOpened).toBe(false)
    await other.commit()
    expect(await opened).toMatchObject({ term: 2n, position: 1 })
    await other.close()
  })

  it('begins at once with several others of its context', async () => {
    const positions = await kafka.topic({ partitions: 4, config: compact })
    const settings = Array.from({ length: 12 }, () => at(positions))
    const before = member(kafka.brokers)
    await Promise.all(
      settings.map((each, n) => exchange(before.session(each, new TestLeadership(1n)), { position: n })),
    )
    const after = member(kafka.brokers)
    const opened = settings.map(each => after.session(each, new TestLeadership(2n)).opened())
    expect((await Promise.all(opened)).map(({ position }) => position)).toEqual(settings.map((_, n) => n))
    expect([before.lines, after.lines]).toEqual([[], []])
  })

  it('makes the topic of positions compacted, and refuses one that forgets', async () => {
    const settings = at()
    const good = member(kafka.brokers)
    await good.session(settings, new TestLeadership(1n)).opened()
    expect(await transactionsOf(kafka.brokers).cleanupPolicy(settings.positions)).toBe('compact')
    const forgetful = await kafka.topic({ config: { 'cleanup.policy': 'delete' } })
    const leadership = new TestLeadership(1n)
    const place = member(kafka.brokers)
    const session = place.session(at(forgetful), leadership)
    await expect(session.opened()).rejects.toMatchObject({ cause: { code: 'DROMEDARY_KAFKA_POSITION' } })
    expect(leadership.resigned).toHaveLength(1)
  })

  it('writes each transaction with the record that tells of it', async () => {
    const positions = await kafka.topic({ partitions: 3, config: compact })
    const settings = at(positions)
    const session = member(kafka.brokers).session(settings, new TestLeadership(7n))
    await exchange(session, { position: 'x' })
    const partition = partitionOf(settings.transactionalId, 3)
    const lines = await kafka.read(positions, { count: 2, partition, keys: true })
    const kept = lines.map(one => decodeKept(Buffer.from(one.split('\t')[1] ?? ''), 'key', 'topic'))
    expect(lines.every(one => one.startsWith(`${settings.transactionalId}\t`))).toBe(true)
    expect(kept.map(({ term, batch, position }) => [term, batch, position])).toEqual([
      [7n, 0, undefined],
      [7n, 1, 'x'],
    ])
  })
})

describe('what the broker refuses for ever', () => {
  const wrongs = {
    'too large': { value: Buffer.alloc(2_000_000) },
    'an invalid topic': { topic: 'not a topic!' },
    'a topic that nobody may make': { topic: '__consumer_offsets' },
    'no such partition': { partition: 7 },
    'a timestamp that the topic does not take': { timestamp: 1n },
  }

  it('fails its own exchange and no other', async () => {
    const topic = await kafka.topic({ config: { 'message.timestamp.before.max.ms': 3_600_000 } })
    const position = at()
    const place = member(kafka.brokers)
    const leadership = new TestLeadership(1n)
    const session = place.session(position, leadership)
    const good: string[] = []
    for (const [name, wrong] of Object.entries(wrongs)) {
      const send = (n: number) => {
        const records = [record(`${name} ${n}`, { topic, ...(n === 5 && wrong) })]
        if (n !== 5) good.push(`${name} ${n}`)
        return exchange(session, { records, position: n, failures: 'pass' })
      }
      const all = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(send))
      expect([name, all.flatMap((one, n) => (one.failed ? [n] : []))]).toEqual([name, [5]])
      expect(all[5]?.exception).toMatchObject({ code: 'DROMEDARY_KAFKA_SEND' })
    }
    expect(leadership.resigned).toEqual([])
    expect(place.lines.map(line => line.split(' ')[0])).toEqual(Object.keys(wrongs).map(() => 'error'))
    expect(await kafka.read(topic, { count: good.length })).toEqual(good)
  })

  it('is not blamed on records that are too large only together', async () => {
    const topic = await kafka.topic({ config: { 'max.message.bytes': 20_000 } })
    const session = member(kafka.brokers).session(at(), new TestLeadership(1n))
    const value = 'x'.repeat(5_000)
    const records = Array.from({ length: 30 }, (_, n) => record(`${n} ${value}`, { topic }))
    expect((await exchange(session, { records })).failed).toBe(false)
    const numbers = (await kafka.read(topic, { count: 30 })).map(line => line.split(' ')[0])
    expect(numbers).toEqual(records.map((_, n) => String(n)))
  })
})

it.runIf(kafka.owned)('sessions that are over leave no connection open', async () => {
  await using proxy = await kafka.proxy()
  const topic = await kafka.topic()
  for (const end of ['after its claim', 'in a transaction', 'while it begins'] as const) {
    const place = member(proxy.address)
    const leadership = new TestLeadership(1n)
    const former = kafka.name('former')
    const session = place.session({ ...at(), fences: [former], transactionInterval: 60_000 }, leadership)
    if (end !== 'while it begins') await exchange(session, { records: [record('a', { topic })] })
    if (end === 'in a transaction') {
      void exchange(session, { records: Array.from({ length: 1_200 }, () => record('b', { topic })) })
      await wait(300)
    }
    leadership.end()
    await place.positions.close()
    await eventually(() => proxy.connections === 0, { within: 10_000 })
  }
  // And nothing is open that readers of committed data would wait for.
  const after = member(kafka.brokers).session(at(), new TestLeadership(1n))
  await exchange(after, { records: [record('c', { topic })] })
  expect(await kafka.read(topic, { count: 3 })).toEqual(['a', 'a', 'c'])
})
