import { createContext, from, silentSink } from '@dromedary/core'
import { type Consumer, defineComponent, sleep } from '@dromedary/core/component'
import { FakeClock, settle } from '@dromedary/testing'
import { expect, it } from 'vitest'
import type { OpenClient } from '../src/client/open.ts'
import { kafkaComponent } from '../src/kafka.ts'
import { MemoryKafka } from './support/memory-kafka.ts'
import { ModelBroker, type ModelClient } from './support/model-broker.ts'

const CHANGES = 10

/** The same numbers for the same seed. */
function dice(seed: number) {
  let state = seed * 7_919
  return (below: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Counts from where it stands; several exchanges at a time. */
const count = defineComponent({
  scheme: 'count',
  title: 'Counts.',
  syntax: 'name',
  path: { name: 'Name.' },
  lenient: true,
  consumes: true,
  produces: false,
  endpoint: ({ uri }) => ({
    uri,
    consumer: (entry): Consumer => {
      let isStopped = false
      const stop = () => {
        isStopped = true
      }
      const run = async (position: number) => {
        for (let n = position + 1; !isStopped; n++) {
          const exchange = entry.createExchange(String(n))
          const ended = entry.process(exchange)
          if (n % 4 === 0) await ended
          if (exchange.failed) stop()
          await sleep(entry.clock, 20)
        }
      }
      return {
        start: async signal => void run(Number((await entry.resumePosition(signal)) ?? 0)),
        quiesce: stop,
        close: stop,
      }
    },
  }),
})

/** A context that brokers in bad weather answer late, or not at all. */
function stage(roll: (below: number) => number) {
  const clock = new FakeClock()
  const broker = new ModelBroker()
  for (const topic of ['data', 'dromedary-positions']) broker.createTopic(topic, 1)
  const weather = async () => {
    const kind = roll(100)
    if (kind < 30) await sleep(clock, roll(60))
    else if (kind === 30) await sleep(clock, 3_000)
    if (roll(50) === 0) throw new Error('lost')
  }
  const open: OpenClient = async connection => {
    const client = await new MemoryKafka(clock).open(connection, clock)
    return { ...client, reader: () => broker.reader() }
  }
  const clients: ModelClient[] = []
  const kafka = kafkaComponent(open, () => {
    const client = broker.client({ request: weather, answer: weather })
    clients.push(client)
    return client
  })({ brokers: 'memory:9092' })
  const edited = () => {
    const query = `transacted=true&transactionalId=t&transactionInterval=${10 * (1 + roll(3))}`
    const strategy = `kafka:dromedary-positions?${query}`
    const feed = from(`count:x?v=${roll(3)}`)
      .routeId('feed')
      .resumable({ strategy, position: '${body}' } as never)
    const sent = `kafka:data?${query}&key=k${roll(2)}&partitionKey=0`
    return roll(2) === 0 ? [feed.to('direct:out'), from('direct:out').routeId('out').to(sent)] : [feed.to(sent)]
  }
  return { clock, broker, clients, components: [count, kafka], edited }
}

/** In the second half routes are ended by force after 300 ms. */
it.each(Array.from({ length: 30 }, (_, seed) => seed))('nothing is lost or doubled by changes, seed %i', async seed => {
  const roll = dice(seed + 1)
  const { clock, broker, clients, components, edited } = stage(roll)
  const shutdownTimeout = seed < 15 ? 45_000 : 300
  const context = createContext({ routes: edited(), clock, components, shutdownTimeout, log: silentSink })
  const during = async (promise: Promise<unknown>) => {
    let isDone = false
    const done = () => {
      isDone = true
    }
    promise.then(done, done)
    await settle()
    while (!isDone) await clock.advance(10)
    return promise
  }
  const check = () => {
    const values = broker.values('data').map(Number)
    expect(values).toEqual(values.map((_, at) => at + 1))
    return values.length
  }
  await during(context.start())
  for (let change = 0; change < CHANGES; change++) {
    await clock.advance(200 + roll(1_000))
    await during(context.changeRoutes(edited()))
    check()
  }
  for (const enough = check() + 20; check() < enough; ) await clock.advance(100)
  // The time for that may be shorter than the brokers take.
  await during(context.stop().catch(() => {}))
  await clock.advance(10_000)
  check()
  expect(clients.reduce((sum, { openProducers }) => sum + openProducers, 0)).toBe(0)
})
