import { expect, it } from 'vitest'
import { messageOf } from '../src/simulator/index.ts'
import { saleOf, trade } from '../src/trade.ts'

it('counts money in cents, without rounding', () => {
  const given = { seq: 1, symbol: 'A', size: 100, side: 'B', time: '2026-01-01T00:00:00.001Z' } as const
  for (const [price, cents] of [
    ['0.01', 1],
    ['1.10', 110],
    ['123.45', 12_345],
    ['4.35', 435],
  ] as const) {
    expect(saleOf({ ...given, price }).cents).toBe(cents)
  }
})

it('takes what the feed sends, and nothing that is no trade', () => {
  const message = JSON.parse(messageOf({ seed: 1, malformedEvery: 0 })(5))
  expect(saleOf(trade.parse(message))).toEqual({
    seq: 5,
    symbol: message.symbol,
    side: message.side === 'B' ? 'buy' : 'sell',
    cents: Math.round(message.price * 100),
    size: message.size,
    time: '2026-01-01T00:00:00.005Z',
  })
  const wrong = [{ seq: 0 }, { seq: 1.5 }, { symbol: '' }, { price: '1.5' }, { price: 5 }, { size: -1 }, { side: 'X' }]
  for (const change of [...wrong, { time: 'now' }])
    expect(trade.safeParse({ ...message, ...change }).success).toBe(false)
})
