import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import {
  type Context,
  createContext,
  type Exchange,
  type MockEndpoint,
  mockEndpoint,
  silentSink,
} from '../src/index.ts'

let clock: FakeClock
let context: Context
let mock: MockEndpoint

beforeEach(async () => {
  clock = new FakeClock()
  context = createContext({ log: silentSink, clock, routes: [] })
  await context.start()
  mock = mockEndpoint(context, 'mock:result')
})
afterEach(() => context.stop())

const send = async (...bodies: unknown[]) => {
  for (const body of bodies) await context.template.sendBody('mock:result', body)
}

/** How the assertion ends within its own time, and when: milliseconds of the context's clock. */
async function verdict(assertion: Promise<void>): Promise<string> {
  const began = clock.monotonic()
  let ended: string | undefined
  const end = (text: string) => () => {
    ended ??= `${text} after ${clock.monotonic() - began}`
  }
  assertion.then(end('satisfied'), (error: Error) => end(error.message)())
  while (ended === undefined) {
    await clock.advance(0)
    if (ended === undefined) await clock.advance(clock.nextIn ?? expect.fail('nobody waits for anything'))
  }
  return ended
}

it('is satisfied at once by what has come', async () => {
  mock.expectedMessageCount(2)
  await send('a', 'b')
  expect(await verdict(mock.assertIsSatisfied())).toBe('satisfied after 0')
})

it('waits until what is expected comes', async () => {
  mock.expectedMessageCount(2)
  await send('a')
  const assertion = verdict(mock.assertIsSatisfied())
  clock.setTimeout(() => void send('b'), 700)
  expect(await assertion).toBe('satisfied after 700')
})

it('gives up after resultWaitTime, saying what was expected and what came', async () => {
  mock.expectedMessageCount(2)
  await send('x'.repeat(1_000))
  expect(await verdict(mock.assertIsSatisfied())).toBe(
    `mock://result is not satisfied: expected 2 messages, but 1 came; waited 10000 ms; 1 came: '${'x'.repeat(60)}'... 940 more characters after 10000`,
  )
  expect(await verdict(mock.assertIsSatisfied(3))).toMatch(/after 3$/)
})

it('believes that nothing comes only after a quiet time', async () => {
  mock.expectedMessageCount(0)
  expect(await verdict(mock.assertIsSatisfied())).toBe('satisfied after 250')
  expect(await verdict(mock.assertIsSatisfied(900))).toBe('satisfied after 900')
  const assertion = verdict(mock.assertIsSatisfied())
  clock.setTimeout(() => void send('late'), 249)
  expect(await assertion).toMatch(/expected 0 messages, but 1 came.*'late' after 249$/)
})

it('fails for a message too many', async () => {
  mock.expectedMessageCount(1)
  await send('a', 'b')
  expect(await verdict(mock.assertIsSatisfied())).toMatch(/expected 1 message, but 2 came; .*'a', 'b' after 0$/)
})

it('does not take "nothing expected" for satisfied', async () => {
  await send('a')
  expect(await verdict(mock.assertIsSatisfied())).toMatch(/nothing was expected of it/)
})

it('a minimum is met by more', async () => {
  mock.expectedMinimumMessageCount(2)
  const assertion = verdict(mock.assertIsSatisfied())
  clock.setTimeout(() => void send(1, 2, 3), 5)
  expect(await assertion).toBe('satisfied after 5')
  mock.expectedMinimumMessageCount(4)
  expect(await verdict(mock.assertIsSatisfied())).toMatch(/expected at least 4 messages, but 3 came/)
})

it.each([
  ['in order', ['a', 'b'], ['a', 'b'], 'satisfied after 0'],
  ['converted from bytes', ['a'], [Buffer.from('a')], 'satisfied after 0'],
  ['converted to bytes', [Buffer.from('a')], ['a'], 'satisfied after 0'],
  ['converted to numbers', [1, 2n, true], ['1', '2', 'true'], 'satisfied after 0'],
  ['compared deeply', [{ a: [1] }], [{ a: [1] }], 'satisfied after 0'],
  ['converted to dates', [new Date(5)], [5], 'satisfied after 0'],
  ['missing and null', [undefined], [null], 'satisfied after 0'],
  ['out of order', ['a', 'b'], ['b', 'a'], "expected body 'a' in message 1, but it was 'b'"],
  ['deeply different', [{ a: [1] }], [{ a: [2] }], 'expected body { a: [ 1 ] } in message 1, but it was { a: [ 2 ] }'],
  ['too few', ['a', 'b'], ['a'], 'expected 2 messages, but 1 came'],
  ['too many', ['a'], ['a', 'a'], 'expected 1 message, but 2 came'],
  ['none', [], ['a'], 'expected 0 messages, but 1 came'],
])('bodies %s', async (_, expected, sent, outcome) => {
  mock.expectedBodiesReceived(...expected)
  await send(...sent)
  expect(await verdict(mock.assertIsSatisfied())).toContain(outcome)
})

it.each([
  [['a', 'b', 'a'], ['a', 'a', 'b'], 'satisfied after 0'],
  [['a', 'b'], ['a', 'a'], "body 'a' of message 2 is none of those that were expected and had not come yet"],
  [['a', 'b'], ['b'], "expected bodies that did not come: 'a'"],
])('bodies in any order: %j sent %j', async (expected, sent, outcome) => {
  mock.expectedBodiesReceivedInAnyOrder(...expected)
  await send(...sent)
  expect(await verdict(mock.assertIsSatisfied())).toContain(outcome)
})

it.each(['header', 'property', 'variable'])('a %s in every message', async kind => {
  const expectIt = (name: string, value: unknown) =>
    kind === 'header'
      ? mock.expectedHeaderReceived(name, value)
      : kind === 'property'
        ? mock.expectedPropertyReceived(name, value)
        : mock.expectedVariableReceived(name, value)
  const sendIt = async (value: unknown) => {
    const exchange = context.createExchange('body')
    if (kind === 'header') exchange.message.setHeader('Foo', value)
    else if (kind === 'property') exchange.setProperty('Foo', value)
    else exchange.setVariable('Foo', value)
    await context.template.send('mock:result', exchange)
  }
  expectIt('Foo', 1)
  expectIt('other', undefined)
  expect(await verdict(mock.assertIsSatisfied())).toContain('expected at least 1 message, but 0 came')
  await sendIt('1')
  expect(await verdict(mock.assertIsSatisfied())).toBe('satisfied after 0')
  await sendIt(2)
  expect(await verdict(mock.assertIsSatisfied())).toContain(`expected ${kind} Foo 1 in message 2, but it was 2`)
})

const body = (exchange: Exchange) => exchange.body

it.each<[string, () => MockEndpoint, unknown[], unknown[], string]>([
  [
    'no duplicates',
    () => mock.expectsNoDuplicates(body),
    [1, '1', { a: 1 }, { a: 2 }],
    [1],
    'messages 1 and 5 both have 1',
  ],
  [
    'no equal objects',
    () => mock.expectsNoDuplicates(body),
    [{ a: 1 }, '{ a: 1 }'],
    [{ a: 1 }],
    'messages 1 and 3 both have { a: 1 }',
  ],
  [
    'ascending',
    () => mock.expectsAscending(body),
    [1, 2, 10],
    [10],
    'ascending values, but 10 in message 4 follows 10',
  ],
  [
    'descending',
    () => mock.expectsDescending(body),
    ['c', 'b'],
    ['c'],
    "descending values, but 'c' in message 3 follows 'b'",
  ],
])('%s', async (_, expectIt, right, wrong, problem) => {
  expectIt()
  expect(await verdict(mock.assertIsSatisfied(10))).toContain('expected at least 1 message, but 0 came')
  await send(...right)
  expect(await verdict(mock.assertIsSatisfied())).toBe('satisfied after 0')
  await send(...wrong)
  expect(await verdict(mock.assertIsSatisfied())).toContain(problem)
})

it('a predicate is asked again with each message', async () => {
  mock.expects(received => received.some(exchange => exchange.body === 'c'))
  await send('a')
  const assertion = verdict(mock.assertIsSatisfied())
  clock.setTimeout(() => void send('b'), 1)
  clock.setTimeout(() => void send('c'), 2)
  expect(await assertion).toBe('satisfied after 2')
  mock.expects(received => {
    if (received.length < 9) throw new Error('fewer than nine')
  })
  expect(await verdict(mock.assertIsSatisfied(10))).toContain('fewer than nine')
  mock.expects(() => false)
  expect(await verdict(mock.assertIsSatisfied(10))).toContain('the predicate given to expects() does not hold')
  mock.expects(async () => true)
  expect(await verdict(mock.assertIsSatisfied(10))).toContain('must answer at once, not by a promise')
})

it('looks at what came before the expectation was set', async () => {
  await send('x', 'b')
  mock.expectedBodiesReceived('a', 'b')
  expect(await verdict(mock.assertIsSatisfied())).toContain("expected body 'a' in message 1")
})

it('what a test’s own function throws fails the assertion, not the route', async () => {
  mock.expectsAscending(() => {
    throw new Error('no such field')
  })
  await send('a')
  expect(await verdict(mock.assertIsSatisfied())).toContain('message 1 could not be checked: no such field')
})

it('says no more than ten bodies, each shortened and on one line', async () => {
  mock.expectedMessageCount(20)
  await send(
    { text: 'a\nb'.repeat(100), deep: { a: { b: { c: {} } } } },
    new Error('e'),
    ...Array.from({ length: 12 }, (_, i) => i),
  )
  const text = await verdict(mock.assertIsSatisfied())
  expect(text).toMatch(/…, 0, 1, 2, 3, 4, 5, 6, 7, 4 more after 10000$/)
  expect(text).not.toContain('\n')
})

it('several assertions may wait at once, and leave no timer behind', async () => {
  mock.expectedMessageCount(1)
  const both = Promise.all([mock.assertIsSatisfied(), mock.assertIsSatisfied()])
  await clock.advance(1)
  await send('a')
  await both
  expect(clock.pending).toBe(0)
})

it('a newer expectation of the same kind takes the place of the older one', async () => {
  mock.expectedBodiesReceived('a').expectedHeaderReceived('h', 1)
  await send('b')
  expect(await verdict(mock.assertIsSatisfied())).toContain("expected body 'a'")
  mock.expectedBodiesReceived('b').expectedHeaderReceived('H', undefined)
  expect(await verdict(mock.assertIsSatisfied())).toContain('expected header h 1')
  mock.expectedHeaderReceived('h', undefined)
  expect(await verdict(mock.assertIsSatisfied())).toBe('satisfied after 0')
})

it('asks a predicate no more once the assertion has ended', async () => {
  let asked = 0
  mock.expects(() => {
    asked++
    return false
  })
  await verdict(mock.assertIsSatisfied(5))
  const before = asked
  await send('b')
  expect(asked).toBe(before)
})
