import { afterEach, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { assertMocksSatisfied } from '../src/components/mock/mock.ts'
import { type Context, createContext, from, mock, mockEndpoint, type RouteSource } from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { thrownBy } from './thrown-by.ts'

let clock = new FakeClock()
let sink = keepingSink()
let context: Context | undefined
afterEach(() => context?.stop())

async function start(...routes: RouteSource[]) {
  await context?.stop()
  clock = new FakeClock()
  sink = keepingSink()
  context = createContext({ log: sink, clock, routes })
  await context.start()
  return context
}

/** A context and one mock endpoint with these options. */
async function endpoint(query = '') {
  const started = await start()
  const { template } = started
  const uri = `mock:x${query}`
  const at = mockEndpoint(started, uri)
  const send = async (...bodies: unknown[]) => {
    for (const body of bodies) await template.sendBody(uri, body)
  }
  return { at, send, bodies: () => at.received.map(exchange => exchange.body) }
}

/** Lets time pass, and says how long the assertion took and whether it resolved. */
async function outcome(assertion: Promise<void>, ms = 20_000): Promise<string> {
  const began = clock.monotonic()
  let text = 'undecided'
  assertion.then(
    () => {
      text = `satisfied after ${clock.monotonic() - began}`
    },
    (error: Error) => {
      text = `${error.message} after ${clock.monotonic() - began}`
    },
  )
  await clock.advance(ms)
  return text
}

it('records what a route sends, as it was then', async () => {
  const started = await start(
    from('direct:in').setHeader('h', '1').to('mock:a').setBody('changed').setHeader('h', '2').setProperty('p', 'q'),
  )
  const { template } = started
  const exchange = template.createExchange('body')
  exchange.setProperty('CamelCorrelationId', 'c-1').setVariable('v', 1)
  await template.send('direct:in', exchange)
  const [recorded] = mockEndpoint(started, 'mock:a').received
  expect(recorded?.body).toBe('body')
  expect(recorded?.message.header('h')).toBe('1')
  expect(recorded?.getProperty('p')).toBeUndefined()
  expect(recorded?.getProperty('CamelCorrelationId')).toBe('c-1')
  expect(recorded?.getVariable('v')).toBe(1)
  expect(recorded?.id).toBe(exchange.id)
  expect(exchange.body).toBe('changed')
})

it('the copy tells all that the exchange told', async () => {
  const { template } = await start()
  const exchange = template.createExchange('body')
  exchange.pattern = 'InOut'
  exchange.fail(new Error('x'))
  exchange.guard = { accepts: () => true, isValid: () => true }
  exchange.signal = new AbortController().signal
  await template.send('mock:a', exchange)
  const [recorded] = mockEndpoint(context as Context, 'mock:a').received
  expect(recorded).not.toBe(exchange)
  const { pattern, exception, halt, guard, signal, toEndpoint } = exchange
  expect(recorded).toMatchObject({ pattern, exception, halt, toEndpoint: 'mock://a' })
  expect(toEndpoint).toBe('mock://a')
  expect([recorded?.guard, recorded?.signal]).toEqual([guard, signal])
  expect(recorded?.signal).toBe(signal)
})

it('copyOnExchange=false records the exchange itself', async () => {
  const started = await start(from('direct:in').to('mock:a?copyOnExchange=false').setBody('changed'))
  const { template } = started
  await template.sendBody('direct:in', 'body')
  expect(mockEndpoint(started, 'mock:a?copyOnExchange=false').received[0]?.body).toBe('changed')
})

it('replies nothing by itself; reply body and header come from values or the exchange', async () => {
  const started = await start(from('direct:in').to('mock:a'))
  const { template } = started
  const at = mockEndpoint(started, 'mock:a')
  expect(await template.requestBody('direct:in', 'x')).toBe('x')
  at.returnReplyBody('pong').returnReplyHeader('H', exchange => `${exchange.body}!`)
  const exchange = template.createExchange('x')
  await template.send('direct:in', exchange)
  expect([exchange.body, exchange.message.header('h')]).toEqual(['pong', 'pong!'])
})

it('runs processors by number, or else the one for any; their failures are the route’s', async () => {
  const started = await start(from('direct:in').to('mock:a'))
  const { template } = started
  const at = mockEndpoint(started, 'mock:a')
  at.whenAnyExchangeReceived(async exchange => {
    exchange.body = `any ${exchange.body}`
  })
  at.whenExchangeReceived(2, exchange => {
    exchange.body = `second ${exchange.body}`
  })
  at.whenExchangeReceived(3, () => {
    throw new Error('refused')
  })
  expect(await template.requestBody('direct:in', 1)).toBe('any 1')
  expect(await template.requestBody('direct:in', 2)).toBe('second 2')
  await expect(template.requestBody('direct:in', 3)).rejects.toThrow('refused')
  expect(at.received.map(exchange => exchange.body)).toEqual([1, 2, 3])
})

it.each([
  ['?retainFirst=2', [1, 2]],
  ['?retainLast=2', [4, 5]],
  ['?retainFirst=1&retainLast=2', [1, 4, 5]],
  ['?retainFirst=0', []],
  ['', [1, 2, 3, 4, 5]],
])('keeps %s, counts and checks all', async (query, kept) => {
  const { at, send, bodies } = await endpoint(query)
  at.expectedBodiesReceived(1, 2, 3, 4, 5)
  await send(1, 2, 3, 4, 5)
  expect(bodies()).toEqual(kept)
  expect(at.receivedCount).toBe(5)
  expect(await outcome(at.assertIsSatisfied())).toBe('satisfied after 0')
  at.expectedMessageCount(4)
  expect(await outcome(at.assertIsSatisfied())).toContain('expected 4 messages, but 5 came')
})

it('expectedCount is an expectation from the URI, which reset() leaves', async () => {
  const { at, send } = await endpoint('?expectedCount=1&resultWaitTime=3s')
  expect(await outcome(at.assertIsSatisfied())).toMatch(/but 0 came.* after 3000$/)
  await send('a')
  at.settings.resultWaitTime = 1
  at.expectedMessageCount(9)
    .returnReplyHeader('h', () => expect.fail('was reset'))
    .whenAnyExchangeReceived(() => expect.fail('was reset'))
    .whenExchangeReceived(1, () => expect.fail('was reset'))
  at.reset()
  expect(at.receivedCount).toBe(0)
  await send('b')
  expect(await outcome(at.assertIsSatisfied())).toBe('satisfied after 0')
  expect(at.settings.resultWaitTime).toBe(3_000)
})

it('sleepForEmptyTest is the quiet time', async () => {
  const { at } = await endpoint('?sleepForEmptyTest=2s')
  at.expectedMessageCount(0)
  expect(await outcome(at.assertIsSatisfied())).toBe('satisfied after 2000')
})

it('assertPeriod looks on after everything came', async () => {
  const { at, send } = await endpoint('?assertPeriod=1s')
  at.expectedMessageCount(1)
  await send('a')
  expect(await outcome(at.assertIsSatisfied())).toBe('satisfied after 1000')
  clock.setTimeout(() => void send('b'), 400)
  expect(await outcome(at.assertIsSatisfied())).toMatch(/expected 1 message, but 2 came.* after 400$/)
})

it('resultMinimumWaitTime fails what came too soon', async () => {
  const { at, send } = await endpoint('?resultMinimumWaitTime=1s')
  at.expectedMessageCount(1)
  clock.setTimeout(() => void send('a'), 1_000)
  expect(await outcome(at.assertIsSatisfied())).toBe('satisfied after 1000')
  expect(await outcome(at.assertIsSatisfied())).toContain('expected to wait 1000 ms at least, but all came within 0 ms')
})

it('failFast ends the wait at the first wrong message; without it, it goes on', async () => {
  for (const [query, after] of [
    ['', 100],
    ['?failFast=false', 10_000],
  ] as const) {
    const { at, send } = await endpoint(query)
    at.expectedBodiesReceived('a', 'b')
    clock.setTimeout(() => void send('x'), 100)
    expect(await outcome(at.assertIsSatisfied())).toMatch(
      new RegExp(`expected body 'a' in message 1.* after ${after}$`),
    )
  }
})

it('failFast=false decides as soon as all that was expected has come', async () => {
  const { at, send } = await endpoint('?failFast=false')
  at.expectedBodiesReceived('a', 'b')
  await send('x')
  clock.setTimeout(() => void send('b'), 100)
  expect(await outcome(at.assertIsSatisfied())).toMatch(/expected body 'a' in message 1.* after 100$/)
})

it('failFast=false does not wait for better when too many have come', async () => {
  const { at, send } = await endpoint('?failFast=false')
  at.expectedMessageCount(1)
  await send('a', 'b')
  expect(await outcome(at.assertIsSatisfied())).toMatch(/expected 1 message, but 2 came.* after 0$/)
})

it('reset() forgets what was wrong', async () => {
  const { at, send } = await endpoint()
  at.expectedHeaderReceived('h', 1)
  await send('a')
  at.reset()
  at.expectedMessageCount(1)
  clock.setTimeout(() => void send('a'), 5)
  expect(await outcome(at.assertIsSatisfied())).toBe('satisfied after 5')
})

it('assertIsNotSatisfied is the opposite', async () => {
  const { at, send } = await endpoint()
  at.expectedBodiesReceived('a')
  await send('b')
  expect(await outcome(at.assertIsNotSatisfied())).toBe('satisfied after 0')
  at.reset()
  at.expectedBodiesReceived('a')
  expect(await outcome(at.assertIsNotSatisfied(50))).toBe('satisfied after 50')
  await send('a')
  expect(await outcome(at.assertIsNotSatisfied())).toContain('everything came as expected')
})

it('log and reportGroup write lines', async () => {
  const { send } = await endpoint('?log=true&reportGroup=2')
  await send('a', 'b')
  expect(sink.records.filter(record => record.category === 'mock').map(record => record.message)).toEqual([
    "received message 1: 'a'",
    "received message 2: 'b'",
    'Received 2 messages in 0 ms: unmeasured; 2 in all, on average unmeasured',
  ])
})

it('keeps what a dynamic endpoint received, and takes options of the endpoint that it stands for', async () => {
  const started = await start(from('direct:in').toD('mock:kafka:${body}?brokers=b', { cacheSize: -1 }))
  const { template } = started
  for (const body of ['a', 'b', 'a']) await template.sendBody('direct:in', body)
  expect(mockEndpoint(started, 'mock:kafka:a?brokers=b').receivedCount).toBe(2)
})

it('mockEndpoint refuses an endpoint that is none; mock only produces', async () => {
  const { at } = await endpoint()
  expect(mockEndpoint(context as Context, 'mock://x')).toBe(at)
  const error = thrownBy(() => mockEndpoint(context as Context, 'log:x'))
  expect(error.code).toBe('DROMEDARY_UNSUPPORTED')
  expect(mock.meta).toMatchObject({ consumes: false, produces: true })
})

it('assertMocksSatisfied waits for all and names each that is not', async () => {
  const started = await start()
  const { template } = started
  const [a, b, c] = ['mock:a', 'mock:b', 'mock:c'].map(uri => mockEndpoint(started, uri).expectedMessageCount(1))
  expect([a, b, c]).not.toContain(undefined)
  await template.sendBody('mock:b', 1)
  const all = () => assertMocksSatisfied(started, 'mock:a', 'mock:b', 'mock:c')
  expect(await outcome(all())).toMatch(/^2 of 3 mocks: \(1\) mock:\/\/a is not .* \(2\) mock:\/\/c is not/)
  await template.sendBody('mock:a', 1)
  expect(await outcome(all())).toMatch(/^mock:\/\/c is not satisfied/)
  clock.setTimeout(() => void template.sendBody('mock:c', 1), 5)
  expect(await outcome(all())).toBe('satisfied after 5')
})
