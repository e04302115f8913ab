import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { body, type Context, from, type RouteSource } from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[]) {
  const started = await running(routes)
  context = started.context
  return started
}
afterEach(() => context?.stop())

describe('a part that came too late', () => {
  it('ends its own unit of work, once, when its exchange has ended before it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ended: string[] = []
    const { source, context, clock } = await run([
      from('source:in')
        .routeId('r')
        .split(body(), { parallelProcessing: true, timeout: 100, shareUnitOfWork: true })
        .process(part => {
          const told = (how: string) => () => void ended.push(`${part.body} ${how}`)
          part.unitOfWork.addSynchronization({ onComplete: told('complete'), onFailure: told('failure') })
          return part.body === 'late' ? promise : undefined
        })
        .end(),
    ])
    const { done } = source.bring(['quick', 'late'])
    await clock.advance(100)
    await done
    expect(ended).toEqual(['quick complete'])
    resolve()
    await settle(10)
    expect(ended).toEqual(['quick complete', 'late complete'])
    expect(context.route('r').statistics.inFlight).toBe(0)
  })

  it('ends in order although the timeout callback of the strategy throws, and lets go of its source', async () => {
    const rejections: unknown[] = []
    const keep = (reason: unknown) => void rejections.push(reason)
    process.on('unhandledRejection', keep)
    const { promise, resolve } = Promise.withResolvers<void>()
    const ended: unknown[] = []
    let closed = false
    async function* items() {
      try {
        yield 'late'
        yield 'other'
        yield* [1, 2, 3]
      } finally {
        closed = true
      }
    }
    const { source, context, clock } = await run([
      from('source:in')
        .routeId('r')
        .split(body(), {
          parallelProcessing: true,
          streaming: true,
          poolSize: 1,
          timeout: 100,
          shareUnitOfWork: true,
          aggregationStrategy: {
            aggregate: (_, next) => next,
            timeout() {
              throw new Error('no')
            },
          },
        })
        .process(part => {
          const told = () => void ended.push(part.body)
          part.unitOfWork.addSynchronization({ onComplete: told, onFailure: told })
          return promise
        })
        .end(),
    ])
    const { exchange, done } = source.bring(items())
    await clock.advance(100)
    await done
    expect(exchange.failed).toBe(true)
    expect(closed).toBe(true)
    resolve()
    await settle(10)
    expect(ended).toEqual(['late'])
    expect(context.route('r').statistics.inFlight).toBe(0)
    process.off('unhandledRejection', keep)
    expect(rejections).toEqual([])
  })
})
