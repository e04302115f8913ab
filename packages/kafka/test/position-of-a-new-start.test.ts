import type { ContextView, Exchange } from '@dromedary/core/component'
import { FakeClock } from '@dromedary/testing'
import { beforeEach, expect, it } from 'vitest'
import { kafkaResumeStrategy } from '../src/session/resume-strategy.ts'
import { Sessions } from '../src/session/sessions.ts'
import { transactedProducer } from '../src/session/transacted-producer.ts'
import { ModelBroker, type ModelClient } from './support/model-broker.ts'
import { within } from './support/within.ts'
import { type Collected, collected, endOf, newExchange, record } from './support/workplace.ts'

const clock = new FakeClock()
const signal = new AbortController().signal
let broker: ModelBroker
let log: Collected
let client: ModelClient

beforeEach(() => {
  broker = new ModelBroker()
  broker.createTopic('data', 1)
  broker.createTopic('positions', 4)
  broker.createTopic('own-positions', 4)
  log = collected()
  client = broker.client()
})

function sessionsOf(): Sessions {
  const context = { clock, logger: () => log } as unknown as ContextView
  const options = {
    context,
    transactions: client,
    reader: async () => broker.reader(),
    positions: 'positions',
    transactionInterval: 20,
    giveUpAfter: 5_000,
  }
  return new Sessions({ ...options, scope: 'app' })
}
const endpoint = { topic: 'data', toRecords: (exchange: Exchange) => [record(String(exchange.body))] }

it('a route that starts anew outside a cluster goes on after what was committed last', async () => {
  const sessions = sessionsOf()
  const settings = { transactionalId: 'mine' }
  const producer = transactedProducer(sessions, { ...endpoint, settings })
  await producer.start?.(signal)
  const old = kafkaResumeStrategy(() => sessions, 'feed', { topic: 'positions', settings })
  const place = { routeId: 'feed', leadership: undefined, signal }
  expect(await within(clock, old.load(place))).toBeUndefined()
  for (let n = 1; n <= 3; n++) {
    const exchange = newExchange()
    exchange.body = `r${n}`
    old.update(exchange, n, 'stop')
    await producer.send(exchange)
    await within(clock, endOf(exchange))
    expect(exchange.exception).toBeUndefined()
  }
  expect(broker.values('data')).toEqual(['r1', 'r2', 'r3'])
  // The route is replaced: the new one is made before the old one is released.
  const anew = kafkaResumeStrategy(() => sessions, 'feed', { topic: 'positions', settings })
  await old.close?.()
  expect(await within(clock, anew.load(place))).toBe(3)
})
