import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import type { AggregateOptions } from '../src/dsl/aggregate-options.ts'
import {
  type Context,
  type ContextOptions,
  constant,
  deadLetterChannel,
  defaultErrorHandler,
  type Exchange,
  from,
  groupedBody,
  header,
  noErrorHandler,
  type RouteSource,
  stringJoin,
  useLatest,
} from '../src/index.ts'
import { running } from './support/run.ts'
import { thrownBy } from './thrown-by.ts'

let context: Context | undefined
async function run(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  const started = await running(routes, options)
  context = started.context
  return started
}
afterEach(() => context?.stop())

const joined = stringJoin('+')
/** All exchanges make one group, unless `header.k` says another. */
const gathering = (options: Partial<AggregateOptions>) =>
  from('source:in')
    .routeId('gather')
    .aggregate(exchange => exchange.message.header('k') ?? 'all', { aggregationStrategy: joined, ...options })
    .to('sink:group')
    .end()

const key = (k: unknown) => (exchange: Exchange) => void exchange.message.setHeader('k', k)
const completedBy = (exchange: Exchange) => exchange.getProperty('CamelAggregatedCompletedBy')

describe('a group', () => {
  it('gets the exchanges with its key, and its steps run for it alone; the route goes on with each exchange', async () => {
    const { source, sink } = await run([gathering({ completionSize: 2 }).to('sink:each')])
    for (const [k, body] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as const) {
      expect(source.bring(body, key(k)).done).toBeUndefined()
    }
    expect(sink.bodies).toEqual([1, 2, '1+3', 3])
  })

  it('says its size, its key, and why it is complete', async () => {
    let seen!: Exchange
    const { source } = await run([
      from('source:in')
        .aggregate(header('k'), { aggregationStrategy: groupedBody(), completionSize: 2, completionTimeout: '5s' })
        .process(group => {
          seen = group
        })
        .end(),
    ])
    source.bring(1, key(7))
    source.bring(2, key(7))
    expect(seen.body).toEqual([1, 2])
    expect(seen.getProperty('CamelAggregatedSize')).toBe(2)
    expect(seen.getProperty('CamelAggregatedCorrelationKey')).toBe('7')
    expect(seen.getProperty('CamelAggregatedTimeout')).toBe(5000)
    expect(completedBy(seen)).toBe('size')
  })

  it('has its own unit of work; that of an exchange ends with the exchange', async () => {
    const order: string[] = []
    const { source } = await run([
      from('source:in')
        .aggregate(constant(1), { aggregationStrategy: useLatest(), completionSize: 2 })
        .process(group => group.unitOfWork.addSynchronization({ onComplete: () => void order.push('group') }))
        .end(),
    ])
    for (const n of [1, 2]) {
      source.bring(n, it => it.unitOfWork.addSynchronization({ onComplete: () => void order.push(`exchange ${n}`) }))
    }
    expect(order).toEqual(['exchange 1', 'group', 'exchange 2'])
  })

  it('is waited for by the exchange that completes it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { source, sink } = await run([
      from('source:in')
        .aggregate(constant(1), { aggregationStrategy: joined, completionSize: 1 })
        .process(() => promise)
        .end()
        .to('sink:after'),
    ])
    const { done } = source.bring('x')
    await settle()
    expect(sink.bodies).toEqual([])
    resolve()
    await done
    expect(sink.bodies).toEqual(['x'])
  })

  it('that may feed itself does not wait for itself', async () => {
    const { source, sink } = await run([
      from('source:in').to('direct:gather'),
      from('direct:gather')
        .aggregate(constant(1), { aggregationStrategy: joined, completionSize: 1 })
        .to('sink:group')
        .process(() => settle())
        .filter("${body} == 'x'")
        .setBody(constant('again'))
        .to('direct:gather')
        .end()
        .end(),
    ])
    await source.bring('x').done
    expect(sink.bodies).toEqual(['x', 'again'])
  })
})

describe('a correlation key', () => {
  it.each([null, undefined, ''])('that is %s fails the exchange, or drops it where that is ignored', async k => {
    for (const ignoreInvalidCorrelationKeys of [false, true]) {
      const { source, sink } = await run([
        from('source:in')
          .aggregate(header('k'), { aggregationStrategy: joined, completionSize: 1, ignoreInvalidCorrelationKeys })
          .to('sink:group')
          .end()
          .to('sink:after'),
      ])
      const { exchange } = source.bring('x', key(k))
      if (ignoreInvalidCorrelationKeys) expect(sink.bodies).toEqual(['x'])
      else {
        expect(exchange.exception).toMatchObject({
          code: 'DROMEDARY_AGGREGATION_FAILED',
          message: expect.stringMatching(/^Invalid correlation key/),
        })
      }
      await context?.stop()
    }
  })

  it.each([
    [undefined, []],
    [0, ['a', 'b', 'c']],
    [2, ['b', 'c']],
  ])('that is closed fails the exchange; of those that are remembered: %s', async (limit, refused) => {
    const { source } = await run([
      gathering({ completionSize: 1, ...(limit === undefined ? {} : { closeCorrelationKeyOnCompletion: limit }) }),
    ])
    for (const k of ['a', 'b', 'c']) expect(source.bring(1, key(k)).exchange.failed).toBe(false)
    const failed = ['b', 'c', 'a'].filter(k => {
      const { exchange } = source.bring(1, key(k))
      if (exchange.failed)
        expect((exchange.exception as Error).message).toMatch(`The correlation key [${k}] has been closed`)
      return exchange.failed
    })
    expect(failed.toSorted()).toEqual(refused)
  })
})

describe('failures', () => {
  it('of a group are not those of the exchange that completes it', async () => {
    for (const handler of [defaultErrorHandler(), noErrorHandler()]) {
      const { source, sink, log } = await run([
        from('source:in')
          .errorHandler(handler)
          .aggregate(constant(1), { aggregationStrategy: joined, completionSize: 1 })
          .process(() => {
            throw new Error('bad group')
          })
          .end()
          .to('sink:after'),
      ])
      const { exchange, done } = source.bring('x')
      await done
      expect(exchange.failed).toBe(false)
      expect(sink.bodies).toEqual(['x'])
      expect(log.messages.filter(line => line.startsWith('error') && line.includes('bad group'))).toHaveLength(1)
      await context?.stop()
    }
  })

  it('of a group are redelivered, step by step, and dead-lettered', async () => {
    let tries = 0
    const { source, sink, clock } = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { maximumRedeliveries: 2, redeliveryDelay: 10 }))
        .aggregate(constant(1), { aggregationStrategy: joined, completionSize: 2 })
        .to('sink:group')
        .process(() => {
          tries++
          throw new Error('bad group')
        })
        .end(),
    ])
    source.bring(1)
    source.bring(2)
    await clock.advance(100)
    expect(tries).toBe(3)
    expect(sink.bodies).toEqual(['1+2', '1+2'])
  })

  it('of the strategy fail the exchange that came; the group stays, or is discarded', async () => {
    const aggregationStrategy = async (old: Exchange | undefined, next: Exchange) => {
      if (next.body === 'bad') throw new Error('strategy')
      return joined(old, next)
    }
    for (const discardOnAggregationFailure of [false, true]) {
      const { source, sink } = await run([
        gathering({ aggregationStrategy, completionSize: 2, discardOnAggregationFailure }),
      ])
      await source.bring(1).done
      const { exchange, done } = source.bring('bad')
      await done
      expect(exchange.failed).toBe(!discardOnAggregationFailure)
      if (exchange.failed) {
        expect(exchange.exception).toMatchObject({
          code: 'DROMEDARY_AGGREGATION_FAILED',
          message: expect.stringMatching(/Error occurred during aggregation.*strategy/),
        })
      }
      await source.bring(2).done
      await source.bring(3).done
      expect(sink.bodies).toEqual(discardOnAggregationFailure ? ['2+3'] : ['1+2'])
      await context?.stop()
    }
  })

  it('a strategy that gives nothing', async () => {
    const { source } = await run([gathering({ aggregationStrategy: (() => undefined) as never, completionSize: 2 })])
    expect(source.bring(1).exchange.exception).toMatchObject({ code: 'DROMEDARY_AGGREGATION_FAILED' })
  })
})

describe('parallelProcessing', () => {
  it('does not wait for groups, unless there are more than poolSize', async () => {
    const open: (() => void)[] = []
    const { source, sink } = await run([
      from('source:in')
        .aggregate(constant(1), {
          aggregationStrategy: joined,
          completionSize: 1,
          parallelProcessing: true,
          poolSize: 2,
        })
        .process(() => new Promise<void>(resolve => void open.push(resolve)))
        .end()
        .to('sink:after'),
    ])
    expect(source.bring(1).done).toBeUndefined()
    expect(source.bring(2).done).toBeUndefined()
    const third = source.bring(3)
    expect(third.done).toBeInstanceOf(Promise)
    expect(sink.bodies).toEqual([1, 2])
    for (const go of open) go()
    await third.done
    expect(sink.bodies).toEqual([1, 2, 3])
  })
})

describe('strategies that take time', () => {
  it('get the exchanges of a key one after the other, and those of other keys meanwhile', async () => {
    let inside = 0
    let most = 0
    const aggregationStrategy = async (old: Exchange | undefined, next: Exchange) => {
      most = Math.max(most, ++inside)
      await settle(next.body === 1 ? 5 : 1)
      inside--
      return joined(old, next)
    }
    const { source, sink } = await run([gathering({ aggregationStrategy, completionSize: 3 })])
    await Promise.all([1, 2, 3].map(n => source.bring(n).done))
    expect(sink.bodies).toEqual(['1+2+3'])
    expect(most).toBe(1)
    await Promise.all(['a', 'b'].map(k => source.bring(1, key(k)).done))
    expect(most).toBe(2)
  })
})

describe('refused at start, or where it is written', () => {
  it.each<[string, Partial<AggregateOptions>, RegExp]>([
    ['nothing that completes a group', {}, /nothing completes/],
    ['an interval and a time-out', { completionInterval: 1, completionTimeout: 1 }, /exclude/],
    ['a repository that is none', { completionSize: 1, aggregationRepository: '#no' }, /there is no such bean/],
    ['a strategy that is none', { completionSize: 1, aggregationStrategy: {} as never }, /aggregation strategy/],
  ])('%s', async (_, options, message) => {
    await expect(run([gathering(options)])).rejects.toThrow(message)
  })

  it('an option that there is not', () => {
    expect(thrownBy(() => gathering({ completionSise: 1 } as object))).toMatchObject({
      code: 'DROMEDARY_INVALID_OPTION',
    })
  })
})

it('is plain data, and knows the types of groups', () => {
  const route = from('direct:a')
    .setBody(constant(1 as number))
    .aggregate(header('k'), { aggregationStrategy: groupedBody<number>(), completionTimeout: '1s' })
    .process(group => expectTypeOf(group.body).toEqualTypeOf<number[]>())
    .end()
    .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<number>())
  expect(route.definition.steps[1]).toMatchObject({
    kind: 'aggregate',
    completionTimeout: 1000,
    parallelProcessing: false,
    optimisticLockRetryPolicy: { retryDelay: 50, maximumRetryDelay: 1000 },
  })
})
