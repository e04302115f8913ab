import { expect, it } from 'vitest'
import type { AggregationStrategy } from '../src/aggregation/strategy.ts'
import { hooksOf } from '../src/aggregation/strategy.ts'
import {
  createContext,
  type Exchange,
  flexible,
  groupedBody,
  groupedExchange,
  groupedMessage,
  silentSink,
  stringJoin,
  useLatest,
  useOriginal,
} from '../src/index.ts'

const context = createContext({ routes: [], log: silentSink })

function exchanges(bodies: readonly unknown[]): Exchange[] {
  return bodies.map((body, n) => {
    const exchange = context.createExchange(body)
    exchange.message.setHeader('n', n)
    return exchange
  })
}
function gather(strategy: AggregationStrategy, list: Exchange[]): Exchange {
  let old: Exchange | undefined
  for (const next of list) old = hooksOf(strategy).aggregate(old, next) as Exchange
  return old as Exchange
}
const bodyOf = (strategy: AggregationStrategy, bodies: readonly unknown[]) => gather(strategy, exchanges(bodies)).body

it.each<[string, AggregationStrategy, unknown[], unknown]>([
  ['useLatest', useLatest(), ['a', 'b', 'c'], 'c'],
  ['useOriginal', useOriginal(), ['a', 'b', 'c'], 'a'],
  ['groupedBody', groupedBody(), ['a', ['b'], null], ['a', ['b'], null]],
  ['stringJoin', stringJoin(), ['a', 1, null, { b: 2 }], 'a1{"b":2}'],
  ['stringJoin with a delimiter', stringJoin(', '), ['a', 'b'], 'a, b'],
  ['flexible: the newest', flexible(), ['a', 'b'], 'b'],
  ['flexible: a list', flexible({ accumulate: 'list' }), ['a', 'a'], ['a', 'a']],
  ['flexible: a set', flexible({ accumulate: 'set' }), ['a', 'a', 'b'], new Set(['a', 'b'])],
  ['flexible: what is picked', flexible({ pick: e => e.message.header('n'), accumulate: 'list' }), ['a', 'b'], [0, 1]],
  [
    'flexible: what counts',
    flexible({ condition: e => e.body !== 'a', accumulate: 'list' }),
    ['a', 'b', 'a', 'c'],
    ['b', 'c'],
  ],
  ['flexible: nothing counts', flexible({ condition: () => false }), ['a', 'b'], undefined],
])('%s', (_, strategy, bodies, expected) => {
  expect(bodyOf(strategy, bodies)).toEqual(expected)
})

it('groupedExchange and groupedMessage give them as they came', () => {
  const grouped = gather(groupedExchange(), exchanges(['a', 'b'])).body as Exchange[]
  expect(grouped.map(({ body, message }) => [body, message.header('n')])).toEqual([
    ['a', 0],
    ['b', 1],
  ])
  const messages = gather(groupedMessage(), exchanges(['a', 'b'])).body as Exchange['message'][]
  expect(messages.map(message => [message.body, message.header('n')])).toEqual([
    ['a', 0],
    ['b', 1],
  ])
})

it('flexible stores in a header or a property, and leaves the body', () => {
  const inHeader = gather(flexible({ accumulate: 'list', storeIn: 'header:all' }), exchanges(['a', 'b']))
  expect([inHeader.body, inHeader.message.header('all')]).toEqual(['a', ['a', 'b']])
  const inProperty = gather(flexible({ storeIn: 'property:newest' }), exchanges(['a', 'b']))
  expect([inProperty.body, inProperty.getProperty('newest')]).toEqual(['a', 'b'])
})

it.each([useLatest(), useOriginal(), groupedBody(), groupedExchange(), groupedMessage(), stringJoin(), flexible()])(
  'keeps the first failure (%#)',
  strategy => {
    const list = exchanges(['a', 'b', 'c', 'd'])
    list[1]?.fail(new Error('first'))
    list[2]?.fail(new Error('second'))
    expect(gather(strategy, list).exception).toMatchObject({ message: 'first' })
  },
)
