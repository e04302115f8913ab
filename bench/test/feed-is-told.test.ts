import { expect, it } from 'vitest'
import { consumerPerf } from '../src/feed/consumer.ts'
import { LINE_BYTES, lineOf } from '../src/feed/line.ts'
import { FEED_PARTS } from '../src/feed/parts.ts'
import { producerPerf } from '../src/feed/producer.ts'
import { partFigures, partLines, targetLine } from '../src/feed/report.ts'
import type { Results, Round } from '../src/feed/turns.ts'
import { parseOptions } from '../src/options.ts'

const round = (rate: number): Round => ({ messages: rate, nanoseconds: 1e9, cpuSeconds: rate / 1e5 })
const results = (name: string, peakMb: number, ...rates: number[]): Results => ({
  name,
  about: 'one',
  rounds: rates.map(round),
  peakMb,
})

it('measures all of the feed, or the parts that are named', () => {
  expect(parseOptions(['feed'])).toMatchObject({ others: ['feed'], feed: FEED_PARTS, routes: [] })
  expect(parseOptions(['feed:producer', 'feed:lines'])).toMatchObject({ others: ['feed'], feed: ['lines', 'producer'] })
  expect(parseOptions(['feed:lines', 'feed']).feed).toEqual(FEED_PARTS)
  expect(() => parseOptions(['feed:lies'])).toThrow('bench has no "feed:lies"')
})

it('leaves out what needs servers of a quick run of everything, and of no other', () => {
  expect(parseOptions(['all', '--quick']).others).toEqual([
    'import',
    'start',
    'ship',
    'depth',
    'types',
    'metrics',
    'dev',
  ])
  expect(parseOptions(['all']).others).toContain('feed')
  expect(parseOptions(['feed', '--quick']).others).toEqual(['feed'])
})

it('prints each contender, the ratio of ours to it by rounds, and whether targets are reached', () => {
  const part = {
    title: 'lines',
    results: [results('dromedary', 180, 40_000, 50_000, 60_000), results('camel', Number.NaN, 20_000, 20_000, 40_000)],
    targets: [{ what: 'ratio', value: 2, atLeast: 2 }],
  }
  expect(partLines(part)).toEqual([
    'lines',
    '                 per s      from        to  CPU µs each  peak MB',
    '   dromedary  50,000/s  40,000/s  60,000/s           10      180',
    '   camel      20,000/s  20,000/s  40,000/s           10        –',
    '   dromedary: one',
    '   camel: one',
    '   dromedary to camel: 2.00 (1.50–2.50), per round 2.00 2.50 1.50; by processor time 1.00 (1.00–1.00)',
    '   reached: ratio 2, at least 2',
  ])
  expect(partFigures('lines', part)).toEqual({
    'lines dromedary per s': 50_000,
    'lines camel per s': 20_000,
    'lines dromedary peak MB': 180,
    'lines ratio': 2,
  })
})

it('has a column for the first message where there is one', () => {
  const reader = { ...results('one', 1), rounds: [{ ...round(10), firstMs: 70 }] }
  const lines = partLines({ title: '', results: [reader], targets: [] })
  expect(lines[1]).toMatch(/first ms$/)
  expect(lines[2]).toMatch(/ 70$/)
})

it('says which targets are missed', () => {
  expect(targetLine({ what: 'x', value: 1.9, atLeast: 2 })).toBe('MISSED: x 1.9, at least 2')
  expect(targetLine({ what: 'x', value: 401, atMost: 400 })).toBe('MISSED: x 401, at most 400')
  expect(targetLine({ what: 'x', value: 400, atMost: 400 })).toBe('reached: x 400, at most 400')
  expect(targetLine({ what: 'x', value: Number.NaN, atLeast: 2 })).toMatch('MISSED')
})

it('reads what the tools of Kafka say, and takes no other words for figures', () => {
  const head =
    'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec'
  const values = '2026-01-01 00:00:00:000, 2026-01-01 00:00:01:000, 0.1, 0.1, 5000, 4000.0, 3000, 500, 0.2, 10000.0'
  expect(consumerPerf(`${head}\n${values}\n`)).toMatchObject({ messages: 5_000, nanoseconds: 5e8 })
  expect(() => consumerPerf(`${head}\n`)).toThrow('said')
  const progress = '100 records sent, 50.0 records/sec (0.01 MB/sec), 1.0 ms avg latency'
  const total = '300 records sent, 150.000000 records/sec (0.03 MB/sec), 1.00 ms avg latency, 2.00 ms max latency'
  expect(producerPerf(`${progress}\n${total}\n`)).toMatchObject({ messages: 300, nanoseconds: 2e9 })
  expect(() => producerPerf('no broker')).toThrow('no broker')
})

it('makes lines of one length, each with its number', () => {
  for (const n of [1, 999, 12_345_678]) {
    expect(lineOf(n)).toHaveLength(LINE_BYTES)
    expect(JSON.parse(lineOf(n))).toMatchObject({ id: n, status: 'new', value: n % 1_000 })
  }
})
