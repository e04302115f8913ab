import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { MemoryAggregationRepository } from '../src/aggregation/repository.ts'
import type { AggregateOptions } from '../src/dsl/aggregate-options.ts'
import {
  type AggregationRepository,
  type Context,
  type ContextOptions,
  DromedaryError,
  type Exchange,
  from,
  memoryAggregationRepository,
  stringJoin,
} from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
afterEach(() => context?.stop())

async function run(
  aggregationRepository: AggregationRepository | string,
  options: Partial<AggregateOptions>,
  more: Partial<ContextOptions> = {},
) {
  const started = await running(
    [
      from('source:in')
        .routeId('gather')
        .aggregate('${header.k}', { aggregationStrategy: stringJoin('+'), aggregationRepository, ...options })
        .to('sink:group')
        .end(),
    ],
    more,
  )
  context = started.context
  return started
}
const key = (k: unknown) => (exchange: Exchange) => void exchange.message.setHeader('k', k)

/** Answers later, tells what it was asked, and outlives routes. */
class SlowRepository implements AggregationRepository {
  readonly calls: string[] = []
  readonly groups = new Map<string, Exchange>()
  refusals = 0

  async start() {
    this.calls.push('start')
  }

  async stop() {
    this.calls.push('stop')
  }

  async get(k: string) {
    await settle()
    return this.groups.get(k)
  }

  async add(k: string, group: Exchange, old: Exchange | undefined) {
    await settle()
    if (old !== this.groups.get(k) || this.refusals-- > 0)
      throw new DromedaryError('DROMEDARY_OPTIMISTIC_LOCK', 'changed')
    this.calls.push(`add ${k}`)
    this.groups.set(k, group)
  }

  async remove(k: string) {
    this.calls.push(`remove ${k}`)
    this.groups.delete(k)
  }

  async confirm(k: string) {
    this.calls.push(`confirm ${k}`)
  }

  async keys() {
    return this.groups.keys()
  }
}

describe('a repository', () => {
  it('may be asynchronous, and is asked in order', async () => {
    const repository = new SlowRepository()
    const { source, sink } = await run(repository, { completionSize: 2 })
    await Promise.all([1, 2, 3].map(n => source.bring(n, key('a')).done))
    expect(sink.bodies).toEqual(['1+2'])
    expect(repository.calls).toEqual(['start', 'add a', 'remove a', 'confirm a', 'add a'])
    await context?.stop()
    expect(repository.calls.at(-1)).toBe('stop')
    expect([...repository.groups.values()].map(group => group.body)).toEqual(['3'])
  })

  it('may be a bean', async () => {
    const repository = new MemoryAggregationRepository()
    const { source } = await run('#groups', { completionSize: 2 }, { beans: { groups: repository } })
    source.bring(1, key('a'))
    expect(repository.keys()).toEqual(['a'])
  })

  it('that does not start keeps the route from starting, with the reason', async () => {
    class Broken extends MemoryAggregationRepository {
      start() {
        throw new Error('no disk')
      }
    }
    await expect(run(new Broken(), { completionSize: 2 })).rejects.toMatchObject({
      code: 'DROMEDARY_START_FAILED',
      message: expect.stringContaining('no disk'),
    })
  })

  it('that fails fails the exchange; what time brings is logged', async () => {
    class Broken extends MemoryAggregationRepository {
      override remove(_key: string): never {
        throw new Error('no disk')
      }
    }
    const { source, clock, log } = await run(new Broken(), { completionTimeout: 10, completionSize: 2 })
    source.bring(1, key('a'))
    expect(source.bring(2, key('a')).exchange.exception).toMatchObject({ message: 'no disk' })
    await clock.advance(10)
    expect(log.messages.join('\n')).toContain('cannot be completed')
  })

  it('hears that a group was handed on only when its steps did not fail', async () => {
    const repository = new SlowRepository()
    const started = await running([
      from('source:in')
        .aggregate('${header.k}', {
          aggregationStrategy: stringJoin(),
          aggregationRepository: repository,
          completionSize: 1,
        })
        .process(group => {
          if (group.body === 'bad') throw new Error('bad')
        })
        .end(),
    ])
    context = started.context
    await started.source.bring('bad', key('a')).done
    await started.source.bring('good', key('b')).done
    expect(repository.calls).toEqual(['start', 'confirm b'])
  })

  it('hears that a group was discarded', async () => {
    const repository = new SlowRepository()
    const { source, clock } = await run(repository, { completionTimeout: 10, discardOnCompletionTimeout: true })
    await source.bring(1, key('a')).done
    await clock.advance(10)
    await settle(3)
    expect(repository.calls).toEqual(['start', 'add a', 'remove a', 'confirm a'])
  })

  it('groups that it has from before wait as long again', async () => {
    const repository = new SlowRepository()
    const first = await run(repository, { completionTimeout: 100 })
    await first.source.bring(1, key('a')).done
    await context?.stop()
    const { sink, clock } = await run(repository, { completionTimeout: 100 })
    await clock.advance(99)
    expect(sink.bodies).toEqual([])
    await clock.advance(1)
    await settle(5)
    expect(sink.bodies).toEqual(['1'])
  })
})

it('groups from before are completed in a cluster only under the leadership of an exchange that comes', async () => {
  const repository = new SlowRepository()
  const first = await run(repository, { completionTimeout: 100 })
  await first.source.bring(1, key('a')).done
  await context?.stop()
  const cluster = { start: async () => {}, stop: async () => {} } as ContextOptions['cluster']
  const guards: unknown[] = []
  const aggregationStrategy = {
    aggregate: stringJoin('+'),
    onCompletion: (group: Exchange) => void guards.push(group.guard),
  }
  const { source, sink, clock } = await run(
    repository,
    { completionTimeout: 100, aggregationStrategy },
    cluster && { cluster },
  )
  await clock.advance(1000)
  expect(sink.bodies).toEqual([])
  const guard = { accepts: () => true, isValid: () => true }
  await source.bring(2, exchange => {
    key('b')(exchange)
    exchange.guard = guard
  }).done
  await clock.advance(100)
  await settle(10)
  expect(sink.bodies.toSorted()).toEqual(['1', '2'])
  expect(guards).toEqual([guard, guard])
})

describe('optimisticLocking', () => {
  const locking = { optimisticLocking: true, completionSize: 3 }

  it('aggregates again what another member was quicker with, after waits that grow', async () => {
    const repository = new SlowRepository()
    const failures: unknown[] = []
    const aggregationStrategy = {
      aggregate: stringJoin('+'),
      onOptimisticLockFailure: (old: Exchange | undefined, next: Exchange) =>
        void failures.push([old?.body, next.body]),
    }
    const { source, clock } = await run(repository, { ...locking, aggregationStrategy })
    await source.bring(1, key('a')).done
    repository.refusals = 2
    let done = false
    const pending = Promise.resolve(source.bring(2, key('a')).done).then(() => {
      done = true
    })
    await settle(10)
    expect(clock.nextIn).toBe(50)
    await clock.advance(50)
    await settle(10)
    expect([done, clock.nextIn]).toEqual([false, 100])
    await clock.advance(100)
    await settle(10)
    await pending
    expect(failures).toHaveLength(2)
    expect(repository.groups.get('a')?.body).toBe('1+2')
  })

  it('two steps may share a repository in memory: no exchange is lost', async () => {
    const repository = memoryAggregationRepository({ optimisticLocking: true })
    const aggregationStrategy = async (old: Exchange | undefined, next: Exchange) => {
      await settle()
      return stringJoin('+')(old, next)
    }
    const options = { ...locking, aggregationStrategy, aggregationRepository: repository }
    const route = (name: string) => from(`source:${name}`).aggregate('${header.k}', options).to('sink:group').end()
    const { source, sources, clock, sink, context: started } = await running([route('in'), route('other')])
    context = started
    const all = [source, sources.source('other'), source].map((it, n) => it.bring(n, key('a')).done)
    for (let round = 0; round < 40; round++) {
      await settle(3)
      await clock.advance(50)
    }
    await Promise.all(all)
    expect(String(sink.bodies[0]).split('+').toSorted()).toEqual(['0', '1', '2'])
    expect(sink.bodies).toHaveLength(1)
  })

  it.each([
    ['no more than it may', { maximumRetries: 1, retryDelay: 1 }, [1]],
    ['without a back-off', { maximumRetries: 2, retryDelay: 7, exponentialBackOff: false }, [7, 7]],
    ['no longer than it may', { maximumRetries: 3, retryDelay: 7, maximumRetryDelay: 10 }, [7, 10, 10]],
    ['at random', { maximumRetries: 1, maximumRetryDelay: 100, randomBackOff: true }, [25]],
  ])('tries %s', async (_, optimisticLockRetryPolicy, waits) => {
    const repository = new SlowRepository()
    repository.refusals = 100
    const { source, clock } = await run(repository, { ...locking, optimisticLockRetryPolicy }, { random: () => 0.25 })
    const { exchange, done } = source.bring(1, key('a'))
    for (const ms of waits) {
      await settle(10)
      expect(clock.nextIn).toBe(ms)
      await clock.advance(ms)
    }
    await done
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_OPTIMISTIC_LOCK' })
  })
})
