import { DromedaryError } from '@dromedary/core/component'
import { AuthenticationError, MultipleErrors, NetworkError, ResponseError, UserError } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { backOff } from '../src/client/back-off.ts'
import { explain, kindOf } from '../src/client/platformatic/failures.ts'
import { rangeAssigner } from '../src/client/platformatic/range-assigner.ts'
import { allWritten, someWritten } from '../src/client/platformatic/send-outcome.ts'

const PRODUCE = 0
const refusal = (code: number, why: string | null = null) =>
  new ResponseError(PRODUCE, 11, { '/responses/0/partition_responses/0': [code, why] }, {})
/** The answer of a broker about partitions: an error code, or an offset. */
function answer(partitions: Record<number, { code: number } | { offset: bigint }>) {
  const partitionResponses = Object.entries(partitions).map(([index, one]) => ({
    index: Number(index),
    errorCode: 'code' in one ? one.code : 0,
    baseOffset: 'offset' in one ? one.offset : -1n,
  }))
  const errors = Object.fromEntries(
    partitionResponses
      .filter(one => one.errorCode !== 0)
      .map(one => [`/${one.index}`, [one.errorCode, null] as [number, null]]),
  )
  return new ResponseError(PRODUCE, 11, errors, { responses: [{ name: 'orders', partitionResponses }] })
}

const TOO_LARGE = 10
const NOT_LEADER = 6
const NOT_AUTHORIZED = 29

describe('what became of a batch', () => {
  it('is said for each partition: what was written, what was refused, and what may do with fewer records', () => {
    const error = new MultipleErrors('Producing messages failed.', [
      answer({ 0: { offset: 7n }, 1: { code: TOO_LARGE }, 2: { code: NOT_AUTHORIZED } }),
    ])
    const outcome = someWritten([0, 1, 2, 3], error)
    expect(outcome.get(0)).toEqual({ written: true, offset: 7n })
    expect(outcome.get(1)).toEqual({ written: false, error, rejected: true })
    expect(outcome.get(2)).toEqual({ written: false, error, rejected: false })
    // Nobody said anything of it.
    expect(outcome.get(3)).toEqual({ written: false, error, rejected: false })
  })

  it('is what the last attempt said', () => {
    const attempts = [
      answer({ 0: { code: NOT_LEADER }, 1: { code: NOT_LEADER } }),
      answer({ 0: { offset: 3n }, 1: { code: TOO_LARGE } }),
    ]
    const error = new MultipleErrors('Producing messages failed.', [
      new MultipleErrors('produce failed 2 times.', attempts),
    ])
    const outcome = someWritten([0, 1], error)
    expect(outcome.get(0)).toEqual({ written: true, offset: 3n })
    expect(outcome.get(1)).toMatchObject({ written: false, rejected: true })
  })

  it('holds for other brokers of the same call as well', () => {
    const error = Object.assign(new MultipleErrors('Producing messages failed.', [new NetworkError('gone')]), {
      produced: { offsets: [{ partition: 1, offset: 5n }] },
    })
    const outcome = someWritten([0, 1], error)
    expect(outcome.get(0)).toMatchObject({ written: false, rejected: false })
    expect(outcome.get(1)).toEqual({ written: true, offset: 5n })
  })

  it('is that all was written where nothing failed; without an offset where the broker says none', () => {
    const outcome = allWritten([0, 1], { offsets: [{ partition: 0, offset: 4n }] })
    expect([...outcome]).toEqual([
      [0, { written: true, offset: 4n }],
      [1, { written: true, offset: -1n }],
    ])
  })
})

describe('a failure', () => {
  const nested = (error: Error) => new MultipleErrors('failed 3 times.', [new MultipleErrors('inner', [error])])

  it('is told apart by its leaf, however deep that lies', () => {
    for (const [error, kind] of [
      [refusal(1), 'out-of-range'],
      [refusal(3), 'unknown-topic'],
      [refusal(100), 'unknown-topic'],
      [new UserError('Unknown topic orders.'), 'unknown-topic'],
      [refusal(25), 'rejoin'],
      [refusal(27), 'rejoin'],
      [refusal(113), 'rejoin'],
      [refusal(110), 'rejoin'],
      [new NetworkError('Connection failed.'), 'retriable'],
      [refusal(6), 'retriable'],
      [refusal(29), 'refused'],
      [new UserError('something else'), 'refused'],
    ] as const) {
      expect(kindOf(error), error.message).toBe(kind)
      expect(kindOf(nested(error)), error.message).toBe(kind)
    }
    expect(kindOf('a text')).toBe('refused')
    expect(kindOf(undefined)).toBe('refused')
  })

  it('to log in is final, to get a token is not', () => {
    const login = new AuthenticationError('SASL authentication failed.', { cause: refusal(58) })
    expect(kindOf(new NetworkError('Connection failed.', { cause: login }))).toBe('refused')
    const token = new AuthenticationError('provider threw', {
      cause: new DromedaryError('DROMEDARY_KAFKA_TOKEN', 'no'),
    })
    expect(kindOf(nested(new NetworkError('Connection failed.', { cause: token })))).toBe('retriable')
  })

  it('is explained by its last leaf, what the broker added, and what caused it', () => {
    const error = new MultipleErrors('outer', [new NetworkError('first'), refusal(44, 'not allowed here')])
    expect(explain(error)).toMatch(/policy.*: not allowed here$/i)
    expect(explain(new NetworkError('outer.', { cause: new Error('inner') }))).toBe('outer: inner')
    expect(explain('text')).toBe('text')
  })
})

describe('the range assignor', () => {
  const assign = (members: Record<string, string[]>, topics: Record<string, number>) => {
    const subscribed = new Map(
      Object.entries(members).map(([memberId, own]) => [memberId, { memberId, version: 1, topics: own }]),
    )
    const metadata = {
      topics: new Map(Object.entries(topics).map(([topic, partitionsCount]) => [topic, { partitionsCount }])),
    }
    const given = rangeAssigner('a', subscribed, new Set(Object.keys(topics)), metadata as never)
    return Object.fromEntries(
      given.map(({ memberId, assignments }) => [
        memberId,
        Object.fromEntries([...assignments].map(([topic, { partitions }]) => [topic, partitions])),
      ]),
    )
  }

  it('gives each member a range, the first ones one more, in the order of their ids', () => {
    expect(assign({ c: ['t'], a: ['t'], b: ['t'] }, { t: 7 })).toEqual({
      a: { t: [0, 1, 2] },
      b: { t: [3, 4] },
      c: { t: [5, 6] },
    })
  })

  it('gives nothing to those that come too many, and only topics that they subscribe to', () => {
    expect(assign({ a: ['t', 'u'], b: ['t'], c: ['u'] }, { t: 1, u: 3 })).toEqual({
      a: { t: [0], u: [0, 1] },
      b: {},
      c: { u: [2] },
    })
  })
})

it('pauses double up to the longest, less up to a fifth', () => {
  expect([1, 2, 3, 4, 5, 100].map(attempt => backOff(attempt, 100, 1_000, () => 0))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ])
  expect(backOff(2, 100, 1_000, () => 1)).toBe(160)
})
