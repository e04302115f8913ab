import type { Leadership } from '@dromedary/core/cluster'
import type { ContextView, Exchange } from '@dromedary/core/component'
import { FakeClock, settle } from '@dromedary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { KafkaRecord } from '../src/client/port.ts'
import { kafkaResumeStrategy } from '../src/session/resume-strategy.ts'
import { Sessions } from '../src/session/sessions.ts'
import { transactedProducer } from '../src/session/transacted-producer.ts'
import { type Faults, ModelBroker } from './support/model-broker.ts'
import { TestLeadership } from './support/test-leadership.ts'
import { within } from './support/within.ts'
import { collected, endOf, newExchange, record } from './support/workplace.ts'

const clock = new FakeClock()
const signal = new AbortController().signal
const NOT_LEADER = expect.objectContaining({ code: 'DROMEDARY_NOT_LEADER' })
let broker: ModelBroker

beforeEach(() => {
  broker = new ModelBroker()
  broker.createTopic('data', 1)
  broker.createTopic('positions', 1)
})

/** The sessions of one process, and a route that sends to them and keeps its position there. */
function site(faults: Partial<Faults> = {}) {
  const log = collected()
  const context = { clock, logger: () => log } as unknown as ContextView
  const reader = async () => broker.reader()
  const client = broker.client(faults)
  const options = { context, transactions: client, reader, positions: 'positions', scope: 'app' }
  const sessions = new Sessions({ ...options, transactionInterval: 0, giveUpAfter: 60_000 })
  const toRecords = (exchange: Exchange) => [record(String(exchange.body))]
  const endpoint = (id?: string) =>
    transactedProducer(sessions, {
      topic: 'data',
      toRecords,
      ...(id !== undefined && { settings: { transactionalId: id } }),
    })
  const strategy = (id?: string) =>
    kafkaResumeStrategy(() => sessions, 'feed', {
      topic: 'positions',
      ...(id !== undefined && { settings: { transactionalId: id } }),
    })
  return { sessions, endpoint, strategy, client }
}

function exchangeOf(body: string, leadership?: Leadership): Exchange {
  const exchange = newExchange()
  exchange.body = body
  if (leadership) exchange.guard = { accepts: () => true, isValid: () => leadership.isValid(), leadership }
  return exchange
}

describe('a route that was changed within its term', () => {
  it.each(['sent before', 'never sent'])('is not ended by a late exchange of the old one, which %s', async which => {
    const { sessions, endpoint } = site()
    const [old, now] = [new TestLeadership(1n), new TestLeadership(1n)]
    const user = sessions.user()
    if (which === 'sent before') await within(clock, sessions.session('feed', old, user).opened())
    else old.close('stopped')
    const session = sessions.session('feed', now, user)
    await within(clock, session.opened())
    expect(() => endpoint().send(exchangeOf('late', old))).toThrowError(NOT_LEADER)
    await clock.advance(1_000)
    expect(session.over).toBeUndefined()
    expect(now.resigned).toEqual([])
  })

  it('begins once the last transaction of the old one is written, and goes on after it', async () => {
    const answer = Promise.withResolvers<void>()
    const isLast = (records: readonly KafkaRecord[]) => records.some(({ value }) => String(value) === 'r1')
    const { endpoint, strategy } = site({
      request: async ({ kind, records }) => {
        if (kind === 'send' && isLast(records)) await answer.promise
      },
    })
    const producer = endpoint()
    const [old, now] = [new TestLeadership(1n), new TestLeadership(1n)]
    const last = exchangeOf('r1', old)
    strategy().update(last, 1, 'stop')
    await producer.send(last)
    const ended = endOf(last)
    await clock.advance(500)
    old.close('stopped')
    producer.takeOver?.({ routeId: 'feed', leadership: now })
    const position = strategy().load({ routeId: 'feed', leadership: now, signal })
    expect(await within(clock, position, 1_000)).toBe('waits')
    answer.resolve()
    expect(await within(clock, position)).toBe(1)
    await within(clock, ended)
    expect(last.exception).toBeUndefined()
    expect(broker.values('data')).toEqual(['r1'])
  })

  it('goes on when the old leadership has ended over it, which has failed then', async () => {
    const { endpoint, strategy } = site({
      request: ({ kind, records }) => (kind === 'send' && records.length > 1 ? new Promise(() => {}) : undefined),
    })
    const producer = endpoint()
    const [old, now] = [new TestLeadership(1n), new TestLeadership(1n)]
    const last = exchangeOf('r1', old)
    strategy().update(last, 1, 'stop')
    await producer.send(last)
    const ended = endOf(last)
    await clock.advance(500)
    old.close('stopped')
    const position = strategy().load({ routeId: 'feed', leadership: now, signal })
    expect(await within(clock, position, 1_000)).toBe('waits')
    old.end('stopped')
    await within(clock, ended)
    expect(last.exception).toMatchObject({ code: 'DROMEDARY_NOT_LEADER' })
    expect(await within(clock, position)).toBeUndefined()
    expect(broker.values('data')).toEqual([])
  })

  it('leaves nothing open when it goes, though the term and the endpoint stay', async () => {
    const { endpoint, strategy, client } = site()
    const [producer, own] = [endpoint(), strategy()]
    producer.start?.(signal)
    own.starts?.('feed')
    const leadership = new TestLeadership(1n)
    producer.takeOver?.({ routeId: 'feed', leadership })
    const exchange = exchangeOf('one', leadership)
    await producer.send(exchange)
    await within(clock, endOf(exchange))
    expect(client.openProducers).toBe(1)
    await own.close?.()
    await clock.advance(1_000)
    expect(client.openProducers).toBe(0)
    expect(broker.values('data')).toEqual(['one'])
  })

  it('may lead another namespace, whose terms are others', async () => {
    const { endpoint } = site()
    const producer = endpoint()
    const before = new TestLeadership(9n)
    const first = exchangeOf('one', before)
    await producer.send(first)
    await within(clock, endOf(first))
    const now = Object.assign(new TestLeadership(2n), { namespace: 'other' }) as TestLeadership
    const second = exchangeOf('two', now)
    await producer.send(second)
    await within(clock, endOf(second))
    expect(broker.values('data')).toEqual(['one', 'two'])
    expect(broker.operations.some(({ id }) => id === 'app/other/feed')).toBe(true)
  })
})

describe('outside a cluster, an exchange under an id', () => {
  it('that is changed meanwhile is committed before those of the new one', async () => {
    const { endpoint } = site()
    const [old, now] = [endpoint('a'), endpoint('b')]
    const [first, second] = [exchangeOf('one'), exchangeOf('two')]
    await old.send(first)
    await now.send(second)
    const ended = endOf(second)
    expect(await within(clock, ended, 1_000)).toBe('waits')
    expect(broker.values('data')).toEqual([])
    // What it has begun it ends in one transaction.
    await old.send(first)
    await within(clock, endOf(first))
    await within(clock, ended)
    expect(broker.values('data')).toEqual(['one', 'one', 'two'])
    const commits = broker.operations.filter(({ kind }) => kind === 'commit').map(({ id }) => id)
    expect(commits).toEqual(['a', 'a', 'b', 'b'])
  })

  it('fails where it sends under both', async () => {
    const { endpoint } = site()
    const exchange = exchangeOf('one')
    await endpoint('a').send(exchange)
    const invalid = expect.objectContaining({ code: 'DROMEDARY_INVALID_OPTION' })
    expect(() => endpoint('b').send(exchange)).toThrowError(invalid)
  })

  it('that gave up lets nothing pass, also not under the new one', async () => {
    const { endpoint, strategy } = site()
    const [old, now] = [endpoint('a'), endpoint('b')]
    const failing = exchangeOf('one')
    strategy('a').update(failing, 1, 'stop')
    await old.send(failing)
    const second = exchangeOf('two')
    await now.send(second)
    const ended = endOf(second)
    failing.fail(new Error('no'))
    await within(clock, endOf(failing))
    await within(clock, ended)
    expect(second.exception).toMatchObject({ code: 'DROMEDARY_INTERRUPTED' })
    expect(() => now.send(exchangeOf('three'))).toThrowError(expect.objectContaining({ code: 'DROMEDARY_INTERRUPTED' }))
    expect(broker.values('data')).toEqual([])
  })

  it('that was forced to end is not written after its route has started anew', async () => {
    const { endpoint, strategy } = site()
    const producer = endpoint('a')
    const own = strategy('a')
    const place = { routeId: 'feed', leadership: undefined, signal }
    own.starts?.('feed')
    expect(await within(clock, own.load(place))).toBeUndefined()
    const stuck = exchangeOf('one')
    own.update(stuck, 1, 'stop')
    await producer.send(stuck)
    own.starts?.('feed')
    expect(await within(clock, own.load(place))).toBeUndefined()
    await within(clock, endOf(stuck))
    expect(stuck.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
    const again = exchangeOf('one')
    own.update(again, 1, 'stop')
    await producer.send(again)
    await within(clock, endOf(again))
    expect(broker.values('data')).toEqual(['one'])
  })

  it('is written when the endpoint that it went by is let go of, and the next begins after it', async () => {
    const { endpoint } = site()
    const [old, now, other] = [endpoint('a'), endpoint('a'), endpoint('other')]
    for (const each of [old, now, other]) each.start?.(signal)
    const first = exchangeOf('one')
    await old.send(first)
    const ended = endOf(first)
    const closed = Promise.resolve(old.close?.())
    await settle()
    const second = exchangeOf('two')
    await now.send(second)
    await within(clock, Promise.all([closed, ended, endOf(second)]))
    expect([first.exception, second.exception]).toEqual([undefined, undefined])
    expect(broker.values('data')).toEqual(['one', 'two'])
    await within(clock, Promise.all([now.close?.(), other.close?.()]))
  })
})
