import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MESSAGE_BYTES, messageOf } from '../src/simulator/index.ts'
import { trade } from '../src/trade.ts'

const numbers = fc.integer({ min: 1, max: 1_000_000_000 })

it('gives message n from seed and number alone, whatever was asked for before', () => {
  const property = fc.property(fc.integer(), fc.array(numbers, { minLength: 1 }), (seed, asked) => {
    const message = messageOf({ seed, malformedEvery: 0 })
    for (const n of asked) expect(message(n)).toBe(messageOf({ seed, malformedEvery: 0 })(n))
  })
  fc.assert(property)
})

it('gives valid messages of 200 bytes, with 50 symbols, and others with another seed', () => {
  const [message, other] = [messageOf({ seed: 1, malformedEvery: 0 }), messageOf({ seed: 2, malformedEvery: 0 })]
  const symbols = new Set<string>()
  for (let n = 1; n <= 2_000; n++) {
    expect(Buffer.byteLength(message(n))).toBe(MESSAGE_BYTES)
    const { seq, symbol } = trade.parse(JSON.parse(message(n)))
    expect(seq).toBe(n)
    symbols.add(symbol)
  }
  expect(symbols.size).toBe(50)
  expect(other(1)).not.toBe(message(1))
})

it('gives the time of a message: one each millisecond', () => {
  const time = (n: number) => JSON.parse(messageOf({ seed: 1, malformedEvery: 0 })(n)).time
  expect([time(1), time(61_234)]).toEqual(['2026-01-01T00:00:00.001Z', '2026-01-01T00:01:01.234Z'])
})

it('has, where told so, messages that are none: broken JSON and JSON that is no trade, in turns', () => {
  const message = messageOf({ seed: 1, malformedEvery: 10 })
  expect(() => JSON.parse(message(10))).toThrow(SyntaxError)
  expect(trade.safeParse(JSON.parse(message(20))).success).toBe(false)
  expect(() => JSON.parse(message(30))).toThrow(SyntaxError)
  for (const n of [1, 9, 11, 19, 21]) expect(trade.safeParse(JSON.parse(message(n))).success).toBe(true)
  for (const n of [10, 20]) expect(message(n)).toMatch(new RegExp(`^\\{"seq":${n},`))
})
