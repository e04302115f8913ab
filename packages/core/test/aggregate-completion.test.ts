import { afterEach, describe, expect, it } from 'vitest'
import type { AggregateOptions } from '../src/dsl/aggregate-options.ts'
import { type Context, type ContextOptions, type Exchange, from, type RouteSource, stringJoin } from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  const started = await running(routes, options)
  context = started.context
  return started
}
afterEach(() => context?.stop())

const joined = stringJoin('+')
const key = (k: unknown) => (exchange: Exchange) => void exchange.message.setHeader('k', k)
const property = (name: string, value: unknown) => (exchange: Exchange) => void exchange.setProperty(name, value)
const completedBy = (exchange: Exchange) => exchange.getProperty('CamelAggregatedCompletedBy')

describe('completion', () => {
  const reasons = async (
    options: Partial<AggregateOptions>,
    bring: (it: Awaited<ReturnType<typeof run>>) => unknown,
  ) => {
    const seen: unknown[] = []
    const it = await run([
      from('source:in')
        .aggregate(exchange => exchange.message.header('k') ?? 'all', { aggregationStrategy: joined, ...options })
        .process(group => void seen.push(`${group.body} by ${completedBy(group)}`))
        .end(),
    ])
    await bring(it)
    return seen
  }

  it('by size that an expression gives, and the fixed one where it gives none', async () => {
    const options = { completionSize: 3, completionSizeExpression: '${header.size}' }
    const seen = await reasons(options, ({ source }) => {
      const sized = (size: unknown) => (exchange: Exchange) => void exchange.message.setHeader('size', size)
      for (const n of [1, 2]) source.bring(n, sized(2))
      for (const n of [3, 4, 5]) source.bring(n, sized(undefined))
    })
    expect(seen).toEqual(['1+2 by size', '3+4+5 by size'])
  })

  it('by a predicate about the group, or eagerly about the exchange that comes', async () => {
    const bring = ({ source }: Awaited<ReturnType<typeof run>>) => [1, 2, 3].forEach(n => void source.bring(n))
    expect(await reasons({ completionPredicate: "${body} == '1+2'" }, bring)).toEqual(['1+2 by predicate'])
    await context?.stop()
    const eager = { completionPredicate: '${body} == 3', eagerCheckCompletion: true }
    expect(await reasons(eager, bring)).toEqual(['1+2+3 by predicate'])
    await context?.stop()
    const size = { completionPredicate: '${exchangeProperty.CamelAggregatedSize} == 2', eagerCheckCompletion: true }
    expect(await reasons(size, bring)).toEqual(['1+2 by predicate'])
  })

  it('by time without a new exchange, to the millisecond', async () => {
    const seen = await reasons({ completionTimeout: 100 }, async ({ source, clock }) => {
      source.bring(1)
      await clock.advance(60)
      source.bring(2)
      await clock.advance(99)
      source.bring(9, key('other'))
      await clock.advance(1)
      source.bring(3)
      await clock.advance(100)
      expect(clock.pending).toBe(0)
    })
    expect(seen).toEqual(['1+2 by timeout', '9 by timeout', '3 by timeout'])
  })

  it('by a time that an expression gives', async () => {
    const options = { completionTimeout: 100, completionTimeoutExpression: '${header.ms}' }
    const seen = await reasons(options, async ({ source, clock }) => {
      const within = (k: string, ms: unknown) => (exchange: Exchange) => {
        key(k)(exchange)
        exchange.message.setHeader('ms', ms)
      }
      source.bring('fixed', within('a', 0))
      source.bring('short', within('b', 20))
      source.bring('long', within('c', 300))
      await clock.advance(20)
      source.bring('shorter', within('c', 30))
      await clock.advance(30)
      await clock.advance(50)
    })
    expect(seen).toEqual(['short by timeout', 'long+shorter by timeout', 'fixed by timeout'])
  })

  it('of all groups, again and again', async () => {
    const seen = await reasons({ completionInterval: 100 }, async ({ source, clock }) => {
      source.bring(1, key('a'))
      await clock.advance(50)
      source.bring(2, key('b'))
      await clock.advance(50)
      source.bring(3, key('a'))
      await clock.advance(100)
    })
    expect(seen).toEqual(['1 by interval', '2 by interval', '3 by interval'])
  })

  it('by its strategy, before an exchange that begins the next group', async () => {
    const aggregationStrategy = {
      aggregate: joined,
      preComplete: (_: Exchange, next: Exchange) => next.body === 'new',
    }
    const seen = await reasons({ aggregationStrategy, completionSize: 4 }, ({ source }) => {
      for (const body of ['new', 1, 'new', 2, 3, 4]) source.bring(body)
    })
    expect(seen).toEqual(['new+1 by strategy', 'new+2+3+4 by size'])
  })

  it('by a property of an exchange, or of what the strategy makes', async () => {
    const seen = await reasons({ completionSize: 9 }, ({ source }) => {
      source.bring(1)
      source.bring(2, property('CamelAggregationCompleteCurrentGroup', true))
    })
    expect(seen).toEqual(['1+2 by strategy'])
    await context?.stop()
    const aggregationStrategy = (old: Exchange | undefined, next: Exchange) =>
      (old ?? next).setProperty('CamelAggregationCompleteCurrentGroup', next.body === 2)
    expect(
      await reasons({ completionSize: 9, aggregationStrategy }, ({ source }) =>
        [1, 2, 3].forEach(n => void source.bring(n)),
      ),
    ).toEqual(['1 by strategy'])
  })

  it('of all groups by a signal, without or with the exchange that brings it; it goes on either way', async () => {
    for (const [name, expected] of [
      ['CamelAggregationCompleteAllGroups', ['1 by force', '2 by force']],
      ['CamelAggregationCompleteAllGroupsInclusive', ['1+9 by force', '2 by force']],
    ] as const) {
      for (const place of ['property', 'header']) {
        const signal = (exchange: Exchange) =>
          place === 'property' ? exchange.setProperty(name, true) : exchange.message.setHeader(name, true)
        const seen = await reasons({ completionSize: 9 }, async ({ source }) => {
          source.bring(1, key('a'))
          source.bring(2, key('b'))
          const { exchange, done } = source.bring(9, it => {
            key('a')(it)
            signal(it)
          })
          await done
          expect(exchange.failed).toBe(false)
          expect(exchange.getProperty(name)).toBeUndefined()
        })
        expect(seen).toEqual(expected)
        await context?.stop()
      }
    }
  })

  it('of the groups before, by a new key', async () => {
    const seen = await reasons({ completionOnNewCorrelationGroup: true }, async ({ source }) => {
      for (const [body, k] of [
        [1, 'a'],
        [2, 'a'],
        [3, 'b'],
        [4, 'c'],
      ] as const) {
        await source.bring(body, key(k)).done
      }
    })
    expect(seen).toEqual(['1+2 by force', '3 by force'])
  })

  it('of all groups of a batch, when its consumer says that it is through', async () => {
    const seen = await reasons({ completionFromBatchConsumer: true }, async ({ source }) => {
      const of = (k: string, name: string, value: unknown) => (exchange: Exchange) => {
        key(k)(exchange)
        exchange.setProperty(name, value)
      }
      await source.bring(1, of('a', 'CamelBatchSize', 3)).done
      await source.bring(2, of('b', 'CamelBatchSize', 3)).done
      await source.bring(3, of('a', 'CamelBatchSize', 3)).done
      await source.bring(4, of('a', 'CamelBatchComplete', false)).done
      await source.bring(5, of('b', 'CamelBatchComplete', true)).done
    })
    expect(seen.toSorted()).toEqual(['1+3 by consumer', '2 by consumer', '4 by consumer', '5 by consumer'])
  })

  it('by time tells the strategy, and may discard the group', async () => {
    const told: unknown[] = []
    const aggregationStrategy = {
      aggregate: joined,
      timeout: (old: Exchange | undefined, index: number, total: number, ms: number) =>
        void told.push([old?.body, index, total, ms]),
    }
    const options = { aggregationStrategy, completionTimeout: 100, discardOnCompletionTimeout: true, completionSize: 2 }
    const seen = await reasons(options, async ({ source, clock }) => {
      source.bring(1)
      await clock.advance(100)
      source.bring(2)
      source.bring(3)
    })
    expect(told).toEqual([['1', -1, -1, 100]])
    expect(seen).toEqual(['2+3 by size'])
  })

  it('tells the strategy once, with the group', async () => {
    const told: unknown[] = []
    const aggregationStrategy = { aggregate: joined, onCompletion: (group: Exchange) => void told.push(group.body) }
    await reasons({ aggregationStrategy, completionSize: 2 }, ({ source }) =>
      [1, 2, 3].forEach(n => void source.bring(n)),
    )
    expect(told).toEqual(['1+2'])
  })
})
