import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import type { RouteEntry, ScopeGuard } from '../src/component.ts'
import type { AggregateOptions } from '../src/dsl/aggregate-options.ts'
import {
  type AggregationRepository,
  type Context,
  type Exchange,
  from,
  memoryAggregationRepository,
  type RouteSource,
  stringJoin,
} from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[]) {
  const started = await running(routes)
  context = started.context
  return started
}
afterEach(() => context?.stop())

const key = (k: unknown) => (exchange: Exchange) => void exchange.message.setHeader('k', k)
const joined = stringJoin('+')
const gathering = (options: Partial<AggregateOptions>) =>
  from('source:in')
    .routeId('gather')
    .aggregate('${header.k}', { aggregationStrategy: joined, ...options })
    .to('sink:group')
    .end()

/** A repository whose every answer takes a few turns. */
function slow(turns: number): AggregationRepository & { readonly left: () => string[] } {
  const memory = memoryAggregationRepository()
  const later = async <T>(work: () => T): Promise<T> => {
    await settle(turns)
    return work()
  }
  return {
    get: k => later(() => memory.get(k) as Exchange | undefined),
    add: (k, group, old) => later(() => memory.add(k, group, old) as undefined),
    remove: (k, group) => later(() => memory.remove(k, group) as undefined),
    keys: () => {
      const known = [...(memory.keys() as Iterable<string>)]
      return later(() => known)
    },
    left: () => [...(memory.keys() as Iterable<string>)],
  }
}

describe('a stop', () => {
  it('hands groups of an outer aggregate on to the inner one before that is drained', async () => {
    const options = { aggregationStrategy: joined, completionSize: 9, forceCompletionOnStop: true }
    const { source, sink, context } = await run([
      from('source:in').aggregate('${header.k}', options).aggregate('all', options).to('sink:out').end().end(),
    ])
    source.bring(1, key('a'))
    source.bring(2, key('b'))
    await context.stop()
    expect(sink.bodies).toEqual(['1+2'])
  })

  it('waits between the two for groups that run beside the route', async () => {
    const options = { aggregationStrategy: joined, completionSize: 9, forceCompletionOnStop: true }
    const { source, sink, context } = await run([
      from('source:in')
        .aggregate('${header.k}', { ...options, parallelProcessing: true })
        .process(() => settle(5))
        .aggregate('all', options)
        .to('sink:out')
        .end()
        .end(),
    ])
    source.bring(1, key('a'))
    source.bring(2, key('b'))
    await context.stop()
    expect(sink.bodies).toEqual(['1+2'])
  })

  for (let turns = 0; turns < 12; turns++) {
    it(`with completeAllOnStop sees that the last group is gone, however long that took (${turns})`, async () => {
      const repository = slow(3)
      const { source, sink, context, clock } = await run([
        gathering({ aggregationRepository: repository, completionTimeout: 100, completeAllOnStop: true }),
      ])
      await source.bring(1, key('a')).done
      let stopped = false
      clock.setTimeout(() => {}, 0)
      const expiring = clock.advance(100)
      await settle(turns)
      const stopping = context.stop().then(() => {
        stopped = true
      })
      await expiring
      await settle(200)
      expect(sink.bodies).toEqual(['1'])
      expect(stopped).toBe(true)
      await clock.advance(60_000)
      await stopping
    })
  }
})

describe('a time-out', () => {
  it('does not complete a group that began while others that timed out with it were handed on', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const seen: unknown[] = []
    const { source, clock } = await run([
      from('source:in')
        .aggregate('${header.k}', { aggregationStrategy: joined, completionTimeout: 100, completionSize: 2 })
        .process(group => void seen.push([group.body, group.getProperty('CamelAggregatedCompletedBy')]))
        .process(group => (group.body === '1' ? promise : undefined))
        .end(),
    ])
    source.bring(1, key('a'))
    source.bring(2, key('b'))
    await clock.advance(100)
    source.bring(3, key('b'))
    source.bring(4, key('b'))
    resolve()
    await settle(20)
    expect(seen).toEqual([
      ['1', 'timeout'],
      ['2+3', 'size'],
    ])
    await clock.advance(100)
    expect(seen.at(-1)).toEqual(['4', 'timeout'])
  })
})

describe('a group that is complete', () => {
  it('is handed on although the exchange that began the next one cannot be put', async () => {
    const { source, sink } = await run([
      gathering({
        completionSize: 9,
        aggregationStrategy: {
          aggregate(old: Exchange | undefined, next: Exchange) {
            if (next.body === 'bad') throw new Error('no')
            return joined(old, next)
          },
          preComplete: (_: Exchange, next: Exchange) => next.message.header('last') === true,
        } as never,
      }),
    ])
    source.bring(1, key('a'))
    const { exchange } = source.bring('bad', exchange => {
      key('a')(exchange)
      exchange.message.setHeader('last', true)
    })
    await settle()
    expect(exchange.failed).toBe(true)
    expect(sink.bodies).toEqual(['1'])
  })

  it('is handed on although the other groups that end with it cannot be listed', async () => {
    const repository = memoryAggregationRepository()
    let started = 0
    const { source, sink } = await run([
      gathering({
        aggregationRepository: {
          ...pass(repository),
          keys: () => (started++ === 0 ? [] : Promise.reject(new Error('down'))),
        },
        completionSize: 1,
        completionOnNewCorrelationGroup: true,
      }),
    ])
    await source.bring(1, key('a')).done
    await settle(5)
    expect(sink.bodies).toEqual(['1'])
  })

  it('is handed on although the timeout callback of its strategy throws', async () => {
    const { guard, scope, sink, clock } = await led({
      completionTimeout: 100,
      completeAllOnStop: true,
      aggregationStrategy: {
        aggregate: joined,
        timeout() {
          throw new Error('no')
        },
      } as never,
    })
    bring(scope, 1, 'a')
    await clock.advance(100)
    expect(sink.bodies).toEqual(['1'])
    expect(scope.inFlight).toBe(0)
    guard.end()
  })
})

const pass = (memory: AggregationRepository): AggregationRepository => ({
  get: k => memory.get(k),
  add: (k, group, old) => memory.add(k, group, old),
  remove: (k, group) => memory.remove(k, group),
  keys: () => memory.keys(),
})

/** A leadership that the test steers. */
class Steered implements ScopeGuard {
  valid = true
  readonly #end = new AbortController()
  readonly signal = this.#end.signal
  accepts() {
    return this.valid
  }
  isValid() {
    return this.valid
  }
  end() {
    this.valid = false
    this.#end.abort(new Error('ended'))
  }
}

async function led(options: Partial<AggregateOptions>) {
  const started = await run([gathering(options)])
  const guard = new Steered()
  const scope = (started.source.entry as RouteEntry).scope(guard)
  return { ...started, guard, scope }
}
const bring = (scope: { entry: RouteEntry }, body: unknown, k: unknown) => {
  const exchange = scope.entry.createExchange(body)
  key(k)(exchange)
  return scope.entry.process(exchange)
}

describe('a leadership that ends', () => {
  it('is not held for ever by groups that nothing completes any more', async () => {
    const { guard, scope, sink } = await led({ completionSize: 2, completeAllOnStop: true })
    bring(scope, 1, 'a')
    expect(scope.inFlight).toBe(1)
    let drained = false
    void scope.drained(Number.POSITIVE_INFINITY).then(() => {
      drained = true
    })
    await settle(20)
    expect(drained).toBe(false)
    guard.end()
    await settle(20)
    expect(drained).toBe(true)
    expect(sink.bodies).toEqual([])
  })
})

describe('groups of an earlier run', () => {
  it('are found again when a route of a cluster starts anew', async () => {
    const kept = memoryAggregationRepository()
    const { memoryCluster } = await import('../../testing/src/memory-cluster.ts')
    const { FakeClock } = await import('../../testing/src/fake-clock.ts')
    const clock = new FakeClock()
    const started = await running(
      [gathering({ aggregationRepository: { ...pass(kept), confirm() {} }, completionTimeout: 100 })],
      { clock, cluster: memoryCluster({ clock }).member() },
    )
    context = started.context
    const { source, sink } = started
    await source.bring(1, key('a')).done
    await context.route('gather').stop()
    await context.route('gather').start()
    await source.bring(2, key('b')).done
    await clock.advance(100)
    expect(sink.bodies.toSorted()).toEqual(['1', '2'])
    const stopping = context.stop()
    await clock.advance(60_000)
    await stopping
  })

  it('that end while they are looked for are not waited for', async () => {
    const kept = memoryAggregationRepository()
    const { memoryCluster } = await import('../../testing/src/memory-cluster.ts')
    const { FakeClock } = await import('../../testing/src/fake-clock.ts')
    const clock = new FakeClock()
    let waits: Promise<void> | undefined
    const repository: AggregationRepository = {
      ...pass(kept),
      async get(k) {
        const group = (await kept.get(k)) as Exchange | undefined
        await waits
        return group
      },
      confirm() {},
    }
    const started = await running(
      [gathering({ aggregationRepository: repository, completionSize: 2, completeAllOnStop: true })],
      { clock, cluster: memoryCluster({ clock }).member() },
    )
    context = started.context
    const { source, sink } = started
    const other = source.entry?.createExchange('0') as Exchange
    other.setProperty('CamelAggregatedSize', 1)
    await kept.add('a', other, undefined)
    const guard = new Steered()
    const scope = (source.entry as RouteEntry).scope(guard)
    const gate = Promise.withResolvers<void>()
    waits = gate.promise
    const first = bring(scope, 1, 'z')
    await settle(5)
    waits = undefined
    const second = bring(scope, 2, 'a')
    await settle(5)
    gate.resolve()
    await Promise.all([first, second])
    await bring(scope, 3, 'z')
    await settle(20)
    expect(sink.bodies.toSorted()).toEqual(['0+2', '1+3'])
    expect(scope.inFlight).toBe(0)
    const stopping = context.stop()
    await clock.advance(60_000)
    await stopping
  })
})
