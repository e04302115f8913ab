import type { Exchange } from '@dromedary/core/component'
import { fakeRoute } from '@dromedary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headersOut } from '../src/producer/headers-out.ts'

const { context } = fakeRoute()
const TERM = 'DromedaryClusterTerm'

/** What they must be, made by the rules and nothing else. */
function plainly(exchange: Exchange): string[] | undefined {
  const list: string[] = []
  for (const [name, value] of exchange.message.headers) {
    if (/^(camel|dromedary)/i.test(name)) continue
    if (typeof value === 'object' && !Buffer.isBuffer(value)) continue
    list.push(`${name}=${String(value)}`)
  }
  const term = exchange.getProperty(TERM)
  if (term !== undefined) list.push(`${TERM}=${term}`)
  return list.length === 0 ? undefined : list
}

const written = (list: ReturnType<typeof headersOut>) => list?.map(([name, value]) => `${name}=${value}`)

const bytes = ['one', 'two', '', 'x'.repeat(41)].map(text => Buffer.from(text))
const header = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'CamelX'),
  fc.constantFrom<unknown>('a', 'b', 'c', 'ä', '', 'x'.repeat(41), 1, 2, true, 5n, null, {}, ...bytes),
)
const made = fc.record({
  headers: fc.array(header, { maxLength: 4 }),
  term: fc.constantFrom<unknown>(undefined, 1n, 2n),
})

describe('the headers of a record', () => {
  it('are those of its exchange, whatever came before, and stay so', () => {
    fc.assert(
      fc.property(fc.array(made, { maxLength: 20 }), list => {
        const all = list.map(({ headers, term }) => {
          const exchange = context.createExchange()
          for (const [name, value] of headers) exchange.message.setHeader(name, value)
          if (term !== undefined) exchange.setProperty(TERM, term)
          const expected = plainly(exchange)
          const out = headersOut(exchange, exchange.message)
          expect(written(out)).toEqual(expected)
          for (const [name] of headers) exchange.message.setHeader(name, 'changed afterwards')
          return { out, expected }
        })
        for (const { out, expected } of all) expect(written(out)).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  const outOf = (headers: Record<string, unknown>, term?: bigint) => {
    const exchange = context.createExchange()
    for (const [name, value] of Object.entries(headers)) exchange.message.setHeader(name, value)
    if (term !== undefined) exchange.setProperty(TERM, term)
    return headersOut(exchange, exchange.message)
  }

  it('are one list for many records, when they are the same and short', () => {
    const first = outOf({ type: 'json', source: 'feed' }, 7n)
    expect(outOf({ type: 'json', source: 'feed' }, 7n)).toBe(first)
    expect(outOf({ type: 'json', source: 'other' }, 7n)).not.toBe(first)
    expect(written(outOf({ type: 'json', source: 'feed' }, 8n))).toEqual([
      'type=json',
      'source=feed',
      'DromedaryClusterTerm=8',
    ])
  })

  it('are no one list where bytes are among them: those may change, or be a little of a large piece of memory', () => {
    const own = Buffer.from('v1')
    const first = outOf({ bytes: own })
    expect(outOf({ bytes: own })).not.toBe(first)
    own.write('v2')
    expect(written(outOf({ bytes: own }))).toEqual(['bytes=v2'])
    const long = 'x'.repeat(41)
    expect(outOf({ long })).not.toBe(outOf({ long }))
  })

  it('are put together while no code of a user runs', () => {
    class Odd extends Date {
      override toISOString(): string {
        outOf({ secret: 'of another' })
        return 'odd'
      }
      override getTime(): number {
        return outOf({ secret: 'of another' }) === undefined ? 1 : 2
      }
    }
    expect(written(outOf({ when: new Odd(0), z: 'mine' }))).toEqual(['when=1970-01-01T00:00:00.000Z', 'z=mine'])
  })
})
