import type { Leadership } from '@dromedary/core/cluster'
import type { ContextView } from '@dromedary/core/component'
import { DromedaryError, type Exchange } from '@dromedary/core/component'
import { FakeClock, settle } from '@dromedary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { kafkaResumeStrategy } from '../src/session/resume-strategy.ts'
import type { RouteSettings } from '../src/session/route-settings.ts'
import { Sessions } from '../src/session/sessions.ts'
import { transactedProducer } from '../src/session/transacted-producer.ts'
import { ModelBroker, type ModelClient, type ModelReader } from './support/model-broker.ts'
import { TestLeadership } from './support/test-leadership.ts'
import { within } from './support/within.ts'
import { type Collected, collected, endOf, newExchange, record } from './support/workplace.ts'

const NO_SCOPE = Symbol('no scope')
const clock = new FakeClock()
const signal = new AbortController().signal
let broker: ModelBroker
let log: Collected
let client: ModelClient
let readers: ModelReader[]

beforeEach(() => {
  broker = new ModelBroker()
  broker.createTopic('data', 1)
  broker.createTopic('positions', 4)
  broker.createTopic('own-positions', 4)
  log = collected()
  client = broker.client()
  readers = []
})

function sessionsOf(scope: string | typeof NO_SCOPE = 'app', transactionInterval = 20): Sessions {
  const context = { clock, logger: () => log } as unknown as ContextView
  const reader = async () => {
    const made = broker.reader()
    readers.push(made)
    return made
  }
  const positions = 'positions'
  const options = { context, transactions: client, reader, positions, transactionInterval, giveUpAfter: 5_000 }
  return new Sessions({ ...options, scope: scope === NO_SCOPE ? undefined : scope })
}

const endpoint = { topic: 'data', toRecords: (exchange: Exchange) => [record(String(exchange.body))] }

function exchangeOf(body: string, leadership?: Leadership): Exchange {
  const exchange = newExchange()
  exchange.body = body
  exchange.guard = { accepts: () => true, isValid: () => true, leadership }
  return exchange
}

const ids = () => [...new Set(broker.operations.map(({ id }) => id))]

describe('the sessions of a context', () => {
  it('write under an id of scope, namespace and route', async () => {
    const sessions = sessionsOf()
    const producer = transactedProducer(sessions, endpoint)
    producer.takeOver?.({ routeId: 'feed', leadership: new TestLeadership(1n) })
    await within(clock, sessions.session('feed', new TestLeadership(2n), sessions.user()).opened())
    expect(ids()).toEqual(['app/ns/feed'])
  })

  it('begin with a term, before anything is sent', async () => {
    const producer = transactedProducer(sessionsOf(), endpoint)
    expect(producer.external).toBe(true)
    expect(producer.needsRouteId).toBe(true)
    producer.takeOver?.({ routeId: 'feed', leadership: new TestLeadership(1n) })
    await clock.advance(100)
    expect(broker.operations.map(({ kind }) => kind)).toEqual(['init', 'send', 'commit'])
  })

  it('are shared by all endpoints of a route', async () => {
    const sessions = sessionsOf()
    const leadership = new TestLeadership(1n)
    const one = transactedProducer(sessions, endpoint)
    const other = transactedProducer(sessions, { ...endpoint, toRecords: () => [record('other')] })
    for (const producer of [one, other]) producer.takeOver?.({ routeId: 'feed', leadership })
    const exchange = exchangeOf('one', leadership)
    await one.send(exchange)
    await other.send(exchange)
    await within(clock, endOf(exchange))
    expect(broker.values('data')).toEqual(['one', 'other'])
    expect(broker.operations.filter(({ kind }) => kind === 'init')).toHaveLength(1)
  })

  it('refuse an exchange of an older term', async () => {
    const sessions = sessionsOf()
    const [older, newer] = [new TestLeadership(1n), new TestLeadership(2n)]
    const producer = transactedProducer(sessions, endpoint)
    producer.takeOver?.({ routeId: 'feed', leadership: older })
    const early = exchangeOf('early', older)
    await producer.send(early)
    producer.takeOver?.({ routeId: 'feed', leadership: newer })
    await settle()
    expect(early.exception).toMatchObject({ code: 'DROMEDARY_NOT_LEADER' })
    expect(() => producer.send(exchangeOf('late', older))).toThrowError(
      expect.objectContaining({ code: 'DROMEDARY_NOT_LEADER' }),
    )
    await clock.advance(1_000)
    expect(broker.values('data')).toEqual([])
  })

  it('say what is missing without a scope, and takeOver throws nothing', async () => {
    const producer = transactedProducer(sessionsOf(NO_SCOPE), endpoint)
    const leadership = new TestLeadership(1n)
    producer.takeOver?.({ routeId: 'feed', leadership })
    await settle()
    expect(log.lines).toHaveLength(1)
    const scope = expect.objectContaining({ code: 'DROMEDARY_KAFKA_SCOPE' })
    expect(() => producer.send(exchangeOf('x', leadership))).toThrowError(scope)
    expect(() => producer.send(exchangeOf('x'))).toThrowError(scope)
  })

  it('know what each endpoint of the route adds before its session begins', async () => {
    const sessions = sessionsOf()
    const leadership = new TestLeadership(1n)
    const producers = [[], ['former']].map(fences =>
      transactedProducer(sessions, { ...endpoint, settings: { fences } }),
    )
    for (const producer of producers) producer.takeOver?.({ routeId: 'feed', leadership })
    await within(clock, sessions.session('feed', leadership, sessions.user()).opened())
    expect(ids().sort()).toEqual(['app/ns/feed', 'former'])
  })

  it('refuse endpoints of a route that disagree, and take what each adds', async () => {
    const sessions = sessionsOf()
    const leadership = new TestLeadership(1n)
    const own = sessions.user({ positions: 'own-positions', fences: ['a'] })
    const begin = (...more: RouteSettings[]) => {
      for (const user of [own, ...more.map(each => sessions.user(each))]) {
        sessions.takeOver({ routeId: 'feed', leadership }, user)
      }
      return sessions.session('feed', leadership, own)
    }
    const invalid = expect.objectContaining({ code: 'DROMEDARY_INVALID_OPTION' })
    expect(() => begin({ positions: 'positions' })).toThrowError(invalid)
    const others = sessionsOf()
    for (const fences of [['a'], ['b', 'a']]) {
      others.takeOver({ routeId: 'feed', leadership }, others.user({ positions: 'own-positions', fences }))
    }
    await within(clock, others.session('feed', leadership, others.user()).opened())
    expect(ids().sort()).toEqual(['a', 'app/ns/feed', 'b'])
    const topics = new Set(broker.operations.flatMap(({ records }) => records.map(({ topic }) => topic)))
    expect([...topics]).toEqual(['own-positions'])
  })

  it('warm up without initialising anything', async () => {
    const sessions = sessionsOf()
    sessions.starts('feed', sessions.user({ positions: 'new-positions' }))
    const producer = transactedProducer(sessions, endpoint)
    await within(clock, Promise.resolve(producer.warmUp?.(signal)))
    expect(client.made).toEqual(['new-positions'])
    expect(broker.operations).toEqual([])
  })

  it('write what nobody waits for before they close, and leave nothing open', async () => {
    const sessions = sessionsOf('app', 60_000)
    const leadership = new TestLeadership(1n)
    const producers = [transactedProducer(sessions, endpoint), transactedProducer(sessions, endpoint)]
    for (const producer of producers) producer.start?.(signal)
    const first = exchangeOf('a', leadership)
    await producers[0]?.send(first)
    await within(clock, endOf(first))
    const failed = exchangeOf('b', leadership)
    sessions.position(failed, 7, 'pass', sessions.user())
    failed.fail(new Error('no'))
    await endOf(failed)
    await producers[0]?.close?.()
    expect(client.openProducers).toBe(1)
    await within(clock, Promise.resolve(producers[1]?.close?.()))
    expect(client.openProducers).toBe(0)
    expect(readers.every(({ isClosed }) => isClosed)).toBe(true)
    const again = sessionsOf()
    expect(await within(clock, again.session('feed', new TestLeadership(2n), again.user()).opened())).toMatchObject({
      position: 7,
    })
  })

  it('close soon, also while the brokers are away', async () => {
    const sessions = sessionsOf('app', 0)
    const producer = transactedProducer(sessions, endpoint)
    producer.start?.(signal)
    const leadership = new TestLeadership(1n)
    await within(clock, sessions.session('feed', leadership, sessions.user()).opened())
    broker.isDown = true
    const lost = exchangeOf('a', leadership)
    await producer.send(lost)
    const ended = endOf(lost)
    expect(await within(clock, Promise.resolve(producer.close?.()), 3_000)).not.toBe('waits')
    await within(clock, ended)
    expect(lost.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
  })
})

describe('outside a cluster', () => {
  const settings = { transactionalId: 'mine' }

  it('a session that gave up is followed by another one', async () => {
    const sessions = sessionsOf()
    const producer = transactedProducer(sessions, { ...endpoint, settings })
    const first = sessions.session('feed', undefined, sessions.user(settings))
    first.end(new DromedaryError('DROMEDARY_INTERRUPTED', 'gave up'))
    const exchange = exchangeOf('a')
    await producer.send(exchange)
    await within(clock, endOf(exchange))
    expect(broker.values('data')).toEqual(['a'])
    expect(ids()).toEqual(['mine'])
  })

  it('one whose exchanges had positions is not, until the route reads its position', async () => {
    const sessions = sessionsOf()
    const strategy = kafkaResumeStrategy(() => sessions, 'feed', { topic: 'positions', settings })
    const send = async (position: number, failure?: Error) => {
      const exchange = exchangeOf(`r${position}`)
      try {
        strategy.update(exchange, position, 'stop')
        await transactedProducer(sessions, { ...endpoint, settings }).send(exchange)
        if (failure) exchange.fail(failure)
      } catch (error) {
        exchange.fail(error)
      }
      await within(clock, endOf(exchange))
      return exchange
    }
    const place = { routeId: 'feed', leadership: undefined, signal }
    expect(await within(clock, strategy.load(place))).toBeUndefined()
    await send(1)
    await send(2, new Error('no'))
    expect((await send(3)).exception).toMatchObject({ code: 'DROMEDARY_INTERRUPTED' })
    expect(broker.values('data')).toEqual(['r1'])
    expect(await within(clock, strategy.load(place))).toBe(1)
    await send(2)
    expect(broker.values('data')).toEqual(['r1', 'r2'])
  })

  it('one that another process shut out is not followed by one that shuts that out', async () => {
    const sessions = sessionsOf()
    const theirs = sessionsOf()
    const producer = transactedProducer(sessions, { ...endpoint, settings })
    await within(clock, sessions.session('feed', undefined, sessions.user(settings)).opened())
    const their = theirs.session('feed', undefined, theirs.user(settings))
    await within(clock, their.opened())
    for (let n = 0; n < 3; n++) {
      const exchange = exchangeOf('zombie')
      try {
        await producer.send(exchange)
        await within(clock, endOf(exchange))
      } catch {
        // As it should be, once it knows.
      }
    }
    expect(their.over).toBeUndefined()
    expect(broker.values('data')).toEqual([])
  })
})

describe('a resume strategy', () => {
  it('gives the position of the predecessor, once that is fenced', async () => {
    const sessions = sessionsOf()
    const strategy = kafkaResumeStrategy(() => sessions, 'feed', { topic: 'own-positions' })
    const leadership = new TestLeadership(1n)
    const exchange = exchangeOf('x', leadership)
    strategy.update(exchange, { offset: 5 }, 'stop')
    await within(clock, endOf(exchange))
    const next = kafkaResumeStrategy(sessionsOf, 'feed', { topic: 'own-positions' })
    const place = { routeId: 'feed', leadership: new TestLeadership(2n), signal }
    expect(await within(clock, next.load(place))).toEqual({ offset: 5 })
  })

  it('stops to wait on its signal', async () => {
    broker.isDown = true
    const strategy = kafkaResumeStrategy(sessionsOf, 'feed', { topic: 'positions' })
    const off = new AbortController()
    const loaded = strategy.load({ routeId: 'feed', leadership: new TestLeadership(1n), signal: off.signal })
    expect(await within(clock, loaded, 100)).toBe('waits')
    off.abort(new Error('enough'))
    expect(await within(clock, loaded)).toMatchObject({ message: 'enough' })
  })
})
