import { setTimeout as wait } from 'node:timers/promises'
import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { eventually } from '@dromedary/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Session } from '../src/session/session.ts'
import { exchange, member, randomOf, record, TestLeadership } from './session-kit.ts'

let server: KafkaServer

beforeAll(async () => {
  const properties = {
    'connections.max.idle.ms': 2_000,
    'log.cleaner.backoff.ms': 200,
    // Kafka's default, and longer than any pause here: a broker whose session is over loses its partitions for a moment, and
    // ends of transactions that fall into it are written nowhere, where there is no other broker (see the README).
    'broker.session.timeout.ms': 9_000,
  }
  server = await startKafka({ proxied: true, properties })
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

/** Sends messages without a pause, a few at a time, until it is told to stop; resolves with how many there were. */
function flow(session: Session, topic: string, term: bigint) {
  let isOn = true
  const failed: unknown[] = []
  const all = (async () => {
    const under = new Set<Promise<void>>()
    let n = 0
    for (; isOn; n++) {
      const header = ['DromedaryClusterTerm', Buffer.from(String(term))] as const
      const sent = exchange(session, { records: [record(String(n), { topic, headers: [header] })], position: n })
        .then(one => {
          if (one.failed) failed.push(one.exception)
        })
        .finally(() => under.delete(sent))
      under.add(sent)
      if (under.size >= 20) await Promise.race(under)
      await wait(1)
    }
    await Promise.all(under)
    return n
  })()
  const stop = async () => {
    isOn = false
    const sent = await all
    expect(failed).toEqual([])
    return sent
  }
  return { stop }
}

/** All of them, each once, in order. */
async function check(topic: string, sent: number): Promise<void> {
  expect(await server.read(topic, { count: sent })).toEqual(Array.from({ length: sent }, (_, n) => String(n)))
}

const at = (name: string) => ({ transactionalId: server.name(name), positions: 'positions' })
const levels = (lines: readonly string[]) => lines.map(one => one.split(' ')[0])

describe('nothing is lost, doubled or out of order', () => {
  it('when answers are lost and connections are cut, again and again', async () => {
    const topic = await server.topic()
    const place = member(server.proxiedBrokers)
    const leadership = new TestLeadership(1n)
    const session = place.session({ ...at('cut'), transactionInterval: 5 }, leadership)
    await session.opened()
    const { stop } = flow(session, topic, 1n)
    const random = randomOf(4)
    for (let cut = 0; cut < 24; cut++) {
      await wait(random() * 80)
      // What was asked for is done, and nobody hears of it; or it is not even heard.
      await (cut % 3 === 2 ? server.faults.holdRequests() : server.faults.holdAnswers())
      await wait(random() * 20)
      await server.faults.reset()
      await server.faults.pass()
    }
    await check(topic, await stop())
    expect(leadership.resigned).toEqual([])
    expect(levels(place.lines).filter(level => level === 'error')).toEqual([])
    leadership.end()
    // Nothing of it is left open.
    await place.positions.close()
    await eventually(() => server.faults.connections === 0)
  })

  it('when nothing gets through for longer than a request may take', async () => {
    const topic = await server.topic()
    const place = member(server.proxiedBrokers, { requestTimeoutMs: 1_000, transactionTimeout: 3_000 })
    const session = place.session(at('hole'), new TestLeadership(1n))
    await session.opened()
    const { stop } = flow(session, topic, 1n)
    await wait(200)
    await server.faults.blackHole()
    await wait(4_500)
    // What is in the hole arrives now: also the commit of a producer that was given up.
    await server.faults.pass()
    await check(topic, await stop())
    expect(new Set(levels(place.lines))).toEqual(new Set(['warn', 'info']))
  })

  it('when the broker is stopped for longer than a request may take', async () => {
    const topic = await server.topic()
    const place = member(server.brokers, { requestTimeoutMs: 1_000, transactionTimeout: 2_000 })
    const session = place.session(at('stopped'), new TestLeadership(1n))
    await session.opened()
    const { stop } = flow(session, topic, 1n)
    for (let round = 0; round < 2; round++) {
      await wait(200)
      await server.pause()
      await wait(3_500)
      await server.resume()
      await eventually(() => place.lines.at(-1)?.startsWith('info') === true, { within: 20_000 })
    }
    await check(topic, await stop())
    expect(levels(place.lines)).toEqual(['warn', 'info', 'warn', 'info'])
  })

  it('when the broker is killed and started again', async () => {
    const topic = await server.topic()
    const place = member(server.brokers)
    const leadership = new TestLeadership(1n)
    const session = place.session(at('killed'), leadership)
    await session.opened()
    const { stop } = flow(session, topic, 1n)
    await wait(300)
    await server.kill()
    await wait(500)
    await server.start()
    await wait(1_000)
    await check(topic, await stop())
    // The client itself may have come over a short one.
    expect([[], ['warn', 'info']]).toContainEqual(levels(place.lines))
    leadership.end()
    const next = member(server.brokers).session({ ...at('killed') }, new TestLeadership(2n))
    await next.opened()
  })
})

it('a leader whose brokers stay away gives up after giveUpAfter, and not much later', async () => {
  const place = member(server.proxiedBrokers, { requestTimeoutMs: 1_000, transactionTimeout: 1_500 })
  const leadership = new TestLeadership(1n)
  const topic = await server.topic()
  const session = place.session({ ...at('away'), giveUpAfter: 3_000 }, leadership)
  await exchange(session, { records: [record('a', { topic })] })
  await server.faults.blackHole()
  const since = performance.now()
  const lost = await exchange(session, { records: [record('b', { topic })], position: 1 })
  expect(lost.exception).toMatchObject({
    code: 'DROMEDARY_INTERRUPTED',
    cause: { code: 'DROMEDARY_KAFKA_UNREACHABLE' },
  })
  expect(leadership.resigned).toHaveLength(1)
  expect(performance.now() - since).toBeLessThan(10_000)
  await server.faults.pass()
  await place.positions.close()
  await eventually(() => server.faults.connections === 0, { within: 10_000 })
})

it('a session that was idle for so long that the broker hung up writes on without a word', async () => {
  const topic = await server.topic()
  const place = member(server.brokers)
  const session = place.session(at('idle'), new TestLeadership(1n))
  await exchange(session, { records: [record('a', { topic })] })
  await wait(5_000)
  await exchange(session, { records: [record('b', { topic })] })
  expect(await server.read(topic, { count: 2 })).toEqual(['a', 'b'])
  expect(place.lines).toEqual([])
})

it('finds its position in a topic that was rolled and compacted', async () => {
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': 100,
    'min.cleanable.dirty.ratio': 0.01,
    'max.compaction.lag.ms': 100,
    'delete.retention.ms': 0,
  }
  const positions = await server.topic({ partitions: 1, config })
  const settings = { ...at('compacted'), positions }
  const leadership = new TestLeadership(1n)
  const session = member(server.brokers).session({ ...settings, transactionInterval: 0 }, leadership)
  for (let n = 0; n < 60; n++) await exchange(session, { position: n })
  leadership.end()
  const others = member(server.brokers).session(
    { ...at('others'), positions, transactionInterval: 0 },
    new TestLeadership(1n),
  )
  // Others write meanwhile, so that segments roll.
  let left = Number.POSITIVE_INFINITY
  await eventually(
    async () => {
      for (let n = 0; n < 5; n++) await exchange(others, { position: n })
      left = (await server.read(positions, { quiet: 3_000 })).length
      return left < 40
    },
    { within: 60_000, every: 300 },
  )
  const next = member(server.brokers).session(settings, new TestLeadership(2n))
  expect(await next.opened()).toMatchObject({ position: 59 })
})
