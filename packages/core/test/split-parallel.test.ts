import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import type { SplitOptions } from '../src/dsl/split-options.ts'
import {
  body,
  type Context,
  type Exchange,
  from,
  groupedBody,
  type RouteSource,
  type SplitResult,
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

/** Parts that are numbers wait so many milliseconds. */
const waiting = (options: SplitOptions, inside: (part: Exchange) => unknown = () => {}) =>
  from('source:in')
    .split(body(), { parallelProcessing: true, ...options })
    .process(inside)
    .delay('${body}')
    .end()
    .to('sink:after')

describe('parallelProcessing', () => {
  it('runs parts at once, waits for all of them, and counts them in their order', async () => {
    const { source, sink, clock } = await run([waiting({ aggregationStrategy: stringJoin(',') })])
    const { done } = source.bring([30, 10, 20])
    await clock.advance(29)
    expect(sink.bodies).toEqual([])
    await clock.advance(1)
    await done
    expect(sink.bodies).toEqual(['30,10,20'])
  })

  it('counts parts as they are done, streaming', async () => {
    const { source, sink, clock } = await run([waiting({ streaming: true, aggregationStrategy: stringJoin(',') })])
    const { done } = source.bring([30, 10, 20])
    await clock.advance(30)
    await done
    expect(sink.bodies).toEqual(['10,20,30'])
  })

  it('runs at most poolSize parts, 10 unless told, and reads no item before there is room', async () => {
    for (const [options, limit] of [
      [{}, 10],
      [{ poolSize: 3 }, 3],
    ] as const) {
      let read = 0
      function* items() {
        for (; read < 20; ) {
          read++
          yield 10
        }
      }
      let inside = 0
      let most = 0
      const { source, clock } = await run([
        waiting({ streaming: true, ...options }, part => {
          most = Math.max(most, ++inside)
          part.unitOfWork.addSynchronization({ onComplete: () => void inside-- })
        }),
      ])
      const { done } = source.bring(items())
      await settle()
      expect(inside).toBe(limit)
      // One is always read ahead, so that the last one is known.
      expect(read).toBe(limit + 1)
      await clock.advance(1000)
      await done
      expect([most, read]).toEqual([limit, 20])
      await context?.stop()
    }
  })

  it('takes a strategy that takes time, one call after the other', async () => {
    let calls = 0
    let most = 0
    const aggregationStrategy = async (old: Exchange | undefined, next: Exchange) => {
      most = Math.max(most, ++calls)
      await settle()
      calls--
      if (old) old.body = `${old.body},${next.body}`
      return old ?? next
    }
    const { source, sink, clock } = await run([waiting({ aggregationStrategy })])
    const { done } = source.bring([5, 5, 5, 1])
    await clock.advance(5)
    await done
    expect(sink.bodies).toEqual(['5,5,5,1'])
    expect(most).toBe(1)
  })

  it('a strategy that fails, and a source that fails, fail the exchange when no part runs any more', async () => {
    async function* broken() {
      yield 50
      throw new Error('source')
    }
    const aggregationStrategy = () => {
      throw new Error('strategy')
    }
    for (const [options, items, message] of [
      [{ aggregationStrategy }, [1, 50], 'strategy'],
      [{ streaming: true }, broken(), 'source'],
    ] as const) {
      let running = 0
      const { source, clock } = await run([
        waiting(options, part => {
          running++
          part.unitOfWork.addSynchronization({ onComplete: () => void running--, onFailure: () => void running-- })
        }),
      ])
      const { exchange, done } = source.bring(items)
      await clock.advance(40)
      expect(exchange.failed).toBe(false)
      await clock.advance(10)
      await done
      expect(exchange.exception).toMatchObject({ message })
      expect(running).toBe(0)
      await context?.stop()
    }
  })

  it('stopOnException starts no more parts, and fails with the number', async () => {
    const started: unknown[] = []
    const { source, clock } = await run([
      waiting({ stopOnException: true, poolSize: 2 }, part => {
        started.push(part.body)
        if (part.body === 1) throw new Error('one')
      }),
    ])
    const { exchange, done } = source.bring([10, 1, 20, 30])
    await clock.advance(100)
    await done
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_PART_FAILED', cause: { message: 'one' } })
    expect(started).not.toContain(30)
  })

  it('counts failures for thresholds', async () => {
    const { source, clock } = await run([
      waiting({ maxFailedRecords: 1, poolSize: 1 }, part => {
        if (part.body === 2) throw new Error('two')
      }),
    ])
    const { exchange, done } = source.bring([1, 2, 3])
    await clock.advance(10)
    await done
    expect(exchange.getProperty('CamelSplitResult') as SplitResult).toMatchObject({ totalItems: 2, aborted: true })
  })
})

describe('timeout', () => {
  it('leaves out parts that are not done, tells the strategy, and goes on', async () => {
    const late: unknown[] = []
    const list = groupedBody()
    const { source, sink, clock } = await run([
      waiting({
        timeout: 25,
        poolSize: 3,
        aggregationStrategy: {
          aggregate: list,
          timeout: (old, index, total, ms) => void late.push([(old?.body as unknown[])?.length, index, total, ms]),
        },
      }),
    ])
    const { exchange, done } = source.bring([10, 1000, 20, 1000, 10])
    await clock.advance(25)
    await done
    expect(exchange.failed).toBe(false)
    expect(sink.bodies).toEqual([[10, 20]])
    expect(late).toEqual([
      [1, 1, 5, 25],
      [2, 3, 5, 25],
      [2, 4, 5, 25],
    ])
  })

  it('calls off what is late; the route waits for its end when it stops', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let signal: AbortSignal | undefined
    const { source, clock, context } = await run([
      from('source:in')
        .split(body(), { parallelProcessing: true, timeout: 10 })
        .process(part => {
          signal = part.signal
          return promise
        })
        .end(),
    ])
    const { done } = source.bring(['stuck'])
    await clock.advance(10)
    await done
    expect(signal?.aborted).toBe(true)
    expect(context.routes[0]?.statistics.inFlight).toBe(1)
    let stopped = false
    const stopping = context.stop().then(() => {
      stopped = true
    })
    await settle(5)
    expect(stopped).toBe(false)
    resolve()
    await stopping
    expect(source.calls.at(-1)).toBe('close')
  })

  it('does not happen when all are done in time', async () => {
    const { source, clock } = await run([waiting({ timeout: 25 })])
    const { done } = source.bring([10, 20])
    await clock.advance(20)
    await done
    expect(clock.pending).toBe(0)
  })
})

describe('a stop by force', () => {
  it('that came before', async () => {
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }
    const { source } = await run([from('source:in').split(body(), { streaming: true }).end()])
    const { exchange, done } = source.bring(silent, it => {
      it.signal = AbortSignal.abort()
    })
    await done
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
  })

  it.each([
    ['one after the other', {}],
    ['in parallel', { parallelProcessing: true }],
  ])('ends the wait for a silent source, %s', async (_, options) => {
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }
    const { source, clock, context } = await run([
      from('source:in')
        .split(body(), { streaming: true, ...options })
        .to('sink:part')
        .end(),
    ])
    const { exchange, done } = source.bring(silent)
    const stopping = context.stop()
    await clock.advance(60_000)
    await done
    await stopping
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
  })
})
