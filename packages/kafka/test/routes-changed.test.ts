import { createContext, from, type RouteSource, silentSink } from '@dromedary/core'
import { type Consumer, defineComponent, type Exchange, type RouteEntry } from '@dromedary/core/component'
import { FakeClock } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import type { OpenClient } from '../src/client/open.ts'
import { kafkaComponent } from '../src/kafka.ts'
import { MemoryKafka } from './support/memory-kafka.ts'
import { ModelBroker, type ModelClient } from './support/model-broker.ts'

/** A context whose routes are brought exchanges by hand, and which writes to a model of brokers. */
function stage(routes: readonly RouteSource[]) {
  const clock = new FakeClock()
  const broker = new ModelBroker()
  for (const topic of ['data', 'dromedary-positions', 'pos1', 'pos2']) broker.createTopic(topic, 1)
  const clients: ModelClient[] = []
  const open: OpenClient = async connection => {
    const client = await new MemoryKafka(clock).open(connection, clock)
    return { ...client, reader: () => broker.reader() }
  }
  const kafka = kafkaComponent(open, () => {
    const client = broker.client()
    clients.push(client)
    return client
  })({ brokers: 'memory:9092' })
  const entries = new Map<string, RouteEntry>()
  const inn = defineComponent({
    scheme: 'in',
    title: 'In.',
    syntax: 'name',
    path: { name: 'Name.' },
    consumes: true,
    produces: false,
    endpoint: ({ uri }) => ({
      uri,
      consumer: (entry): Consumer => ({
        start: () => void entries.set(entry.routeId, entry),
        quiesce: () => {},
        close: () => {},
      }),
    }),
  })
  const failing = Promise.withResolvers<never>()
  const bad = defineComponent({
    scheme: 'bad',
    title: 'Bad.',
    syntax: 'name',
    path: { name: 'Name.' },
    consumes: true,
    produces: false,
    endpoint: ({ uri }) => ({
      uri,
      consumer: (): Consumer => ({ start: () => failing.promise, quiesce: () => {}, close: () => {} }),
    }),
  })
  const context = createContext({ routes, clock, components: [inn, bad, kafka], log: silentSink })
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let isDone = false
    const done = () => {
      isDone = true
    }
    promise.then(done, done)
    for (let at = 0; !isDone && at < 1_000; at++) await clock.advance(100)
    return promise
  }
  const bring = async (body: string, routeId = 'feed'): Promise<Exchange> => {
    const entry = entries.get(routeId) as RouteEntry
    const exchange = entry.createExchange(body)
    await during(Promise.resolve(entry.process(exchange)))
    return exchange
  }
  const change = (now: readonly RouteSource[]) => during(context.changeRoutes(now))
  const position = (routeId = 'feed') =>
    (entries.get(routeId) as RouteEntry).resumePosition(new AbortController().signal)
  const openProducers = () => clients.reduce((sum, client) => sum + client.openProducers, 0)
  const fail = () => failing.reject(new Error('bad'))
  return { context, bring, during, change, broker, openProducers, fail, position: () => during(position()) }
}

const to = (query: string) => from('in:x').routeId('feed').to(`kafka:data?transacted=true&${query}`)

const kept = (topic: string, id = 'a', routeId = 'feed') =>
  from('in:x')
    .routeId(routeId)
    .to(`kafka:data?transacted=true&transactionalId=${id}`)
    .resumable({ strategy: `kafka:${topic}?transacted=true&transactionalId=${id}`, position: '${body}' } as never)

describe('what a changed route writes', () => {
  it('goes under its new transactionalId', async () => {
    const at = stage([to('transactionalId=a')])
    await at.context.start()
    expect((await at.bring('one')).exception).toBeUndefined()
    await at.change([to('transactionalId=b')])
    expect((await at.bring('two')).exception).toBeUndefined()
    expect(at.broker.values('data')).toEqual(['one', 'two'])
    expect(at.broker.operations.filter(({ kind }) => kind === 'init').map(({ id }) => id)).toEqual(['a', 'b'])
    await at.during(at.context.stop())
  })

  it('goes out by its new transactionInterval', async () => {
    const at = stage([to('transactionalId=a&transactionInterval=20')])
    await at.context.start()
    await at.bring('one')
    await at.change([to('transactionalId=a&transactionInterval=30')])
    expect((await at.bring('two')).exception).toBeUndefined()
    expect(at.broker.values('data')).toEqual(['one', 'two'])
    await at.during(at.context.stop())
    expect(at.openProducers()).toBe(0)
  })

  it('is not bound by what a refused set said of the brokers', async () => {
    const at = stage([from('in:x').routeId('feed').log('x')])
    await at.context.start()
    const wrong = from('nosuch:x' as string).routeId('wrong')
    const refused = at.change([to('transactionalId=a&transactionInterval=20'), wrong])
    await expect(refused).rejects.toMatchObject({ code: 'DROMEDARY_UNKNOWN_SCHEME' })
    await at.change([to('transactionalId=a&transactionInterval=30')])
    expect((await at.bring('one')).exception).toBeUndefined()
    await at.during(at.context.stop())
    expect(at.openProducers()).toBe(0)
  })

  it('keeps its position in its new topic', async () => {
    const at = stage([kept('pos1')])
    await at.context.start()
    await at.bring('1')
    await at.change([kept('pos2')])
    expect((await at.bring('2')).exception).toBeUndefined()
    expect(String(at.broker.committed('pos1').at(-1)?.value)).toContain('"value":"1"')
    expect(String(at.broker.committed('pos2').at(-1)?.value)).toContain('"value":"2"')
    await at.during(at.context.stop())
  })

  it('goes on after what was committed last', async () => {
    const at = stage([kept('pos1')])
    await at.context.start()
    await at.bring('1')
    await at.change([kept('pos1').log('edited')])
    expect(await at.position()).toBe('1')
    await at.bring('2')
    expect(at.broker.values('data')).toEqual(['1', '2'])
    await at.during(at.context.stop())
  })
})

it('a change that is taken back goes on under the old transactionalId', async () => {
  const at = stage([to('transactionalId=a')])
  await at.context.start()
  await at.bring('one')
  const changed = at.context.changeRoutes([to('transactionalId=b'), from('bad:x').routeId('bad').log('x')])
  changed.catch(() => {})
  await at.during(new Promise(resolve => setImmediate(resolve)))
  expect((await at.bring('two')).exception).toBeUndefined()
  at.fail()
  await expect(at.during(changed)).rejects.toThrow('bad')
  expect((await at.bring('three')).exception).toBeUndefined()
  expect(at.broker.values('data')).toEqual(['one', 'two', 'three'])
  const inits = at.broker.operations.filter(({ kind }) => kind === 'init')
  expect(inits.map(({ id }) => id)).toEqual(['a', 'b', 'a'])
  expect(at.openProducers()).toBe(1)
  await at.during(at.context.stop())
  expect(at.openProducers()).toBe(0)
})

it('a route that has another id for a while goes on under its transactionalId, which is no other process', async () => {
  const at = stage([kept('pos1')])
  await at.context.start()
  await at.bring('1')
  await at.change([kept('pos1', 'a', 'other')])
  expect(at.openProducers()).toBeLessThan(2)
  expect((await at.bring('2', 'other')).exception).toBeUndefined()
  await at.change([kept('pos1')])
  expect((await at.bring('3')).exception).toBeUndefined()
  expect((await at.bring('4')).exception).toBeUndefined()
  expect(at.broker.values('data')).toEqual(['1', '2', '3', '4'])
  expect(at.openProducers()).toBe(1)
  await at.during(at.context.stop())
})

it('a route that is gone leaves no transactional producer behind', async () => {
  const route = (n: number) => from('in:x').routeId(`feed${n}`).to(`kafka:data?transacted=true&transactionalId=id${n}`)
  const other = from('direct:other').routeId('other').to('kafka:data?transacted=true')
  const at = stage([route(0), other])
  await at.context.start()
  await at.bring('one', 'feed0')
  for (let n = 1; n < 20; n++) {
    await at.change([route(n), other])
    expect((await at.bring('one', `feed${n}`)).exception).toBeUndefined()
  }
  expect(at.openProducers()).toBe(1)
  await at.during(at.context.stop())
  expect(at.openProducers()).toBe(0)
})

it('endpoints of one set that disagree are refused', async () => {
  const both = to('transactionalId=a').to('kafka:data?transacted=true&transactionalId=b')
  const at = stage([both])
  await at.context.start()
  expect((await at.bring('one')).exception).toMatchObject({ code: 'DROMEDARY_INVALID_OPTION' })
  expect(at.broker.values('data')).toEqual([])
  await at.during(at.context.stop())
  const shared = stage([to('transactionalId=a').to('kafka:data?transacted=true&transactionInterval=7')])
  await expect(shared.context.start()).rejects.toMatchObject({ code: 'DROMEDARY_SHARED_CONFLICT' })
})
