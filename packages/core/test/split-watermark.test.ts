import { afterEach, describe, expect, it } from 'vitest'
import type { SplitOptions } from '../src/dsl/split-options.ts'
import { body, type Context, type ContextOptions, type Exchange, from } from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
afterEach(() => context?.stop())

/** Keeps positions by key, when the exchange has ended. */
function keeping(positions: Record<string, unknown> = {}) {
  return {
    positions,
    updates: 0,
    load: async ({ routeId }: { routeId: string }) => positions[routeId],
    update(exchange: Exchange, position: unknown) {
      this.updates++
      exchange.unitOfWork.addSynchronization({
        onComplete: () => {
          positions['job'] = position
        },
      })
    },
  }
}

async function run(options: SplitOptions, more: Partial<ContextOptions> = {}) {
  const indexes: unknown[] = []
  const started = await running(
    [
      from('source:in')
        .split(body(), { watermarkKey: 'job', ...options })
        .process(part => {
          if (part.body === 'bad') throw new Error('bad')
          indexes.push(part.getProperty('CamelSplitIndex'))
        })
        .to('sink:part')
        .end()
        .process(exchange => {
          if (exchange.message.header('fail')) throw new Error('later')
        }),
    ],
    more,
  )
  context = started.context
  return { ...started, indexes }
}

describe('a watermark', () => {
  it.each([{}, { streaming: true }, { parallelProcessing: true }])(
    'is the last index: parts up to it are skipped the next time, %s',
    async options => {
      const strategy = keeping()
      const { source, sink, indexes } = await run({ resumeStrategy: strategy, ...options })
      await source.bring(['a', 'b']).done
      expect(strategy.positions).toEqual({ job: 1 })
      await source.bring(['a', 'b', 'c', 'd']).done
      expect(sink.bodies).toEqual(['a', 'b', 'c', 'd'])
      expect(indexes).toEqual([0, 1, 2, 3])
      expect(strategy.positions).toEqual({ job: 3 })
      const { exchange, done } = source.bring(['a', 'b', 'c', 'd'])
      await done
      expect(sink.bodies).toHaveLength(4)
      expect(exchange.getProperty('CamelSplitWatermark')).toBe(3)
    },
  )

  it('is what an expression gives for the last part; then none is skipped', async () => {
    const strategy = keeping({ job: 1 })
    const { source, sink } = await run({ resumeStrategy: strategy, watermarkExpression: '${body}!' })
    const { exchange, done } = source.bring(['a', 'b'])
    await done
    expect(exchange.getProperty('CamelSplitWatermark')).toBe(1)
    expect(sink.bodies).toEqual(['a', 'b'])
    expect(strategy.positions).toEqual({ job: 'b!' })
  })

  it('is not kept of a split, or an exchange, that failed', async () => {
    const strategy = keeping()
    const { source } = await run({ resumeStrategy: strategy })
    await source.bring(['a', 'bad']).done
    expect(strategy.updates).toBe(0)
    await source.bring(['a'], exchange => void exchange.message.setHeader('fail', true)).done
    expect(strategy.positions).toEqual({})
  })

  it('is kept by a bean', async () => {
    const strategy = keeping()
    const { source } = await run({ resumeStrategy: '#keeper' }, { beans: { keeper: strategy } })
    await source.bring(['a']).done
    expect(strategy.positions).toEqual({ job: 0 })
  })

  it('needs a strategy, a key, and both for an expression', async () => {
    const both = /belong together/
    await expect(run({})).rejects.toThrow(both)
    await expect(run({ resumeStrategy: keeping(), watermarkKey: undefined as never })).rejects.toThrow(both)
    await expect(run({ watermarkKey: undefined as never, watermarkExpression: 'x' })).rejects.toThrow(/needs/)
  })
})
