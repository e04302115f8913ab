import { afterEach, describe, expect, it } from 'vitest'
import {
  type Context,
  type ContextOptions,
  createContext,
  from,
  HALT,
  type RouteSource,
  silentSink,
} from '../src/index.ts'
import { sources } from './support/source.ts'

const { component, source } = sources()
let context: Context | undefined

async function run(route: RouteSource, options: Partial<ContextOptions> = {}) {
  context = createContext({ log: silentSink, ...options, routes: [route], components: [component] })
  await context.start()
  return source('in')
}
afterEach(() => context?.stop())

describe('a pipeline', () => {
  it('stays synchronous while its steps do, and ignores what they return', async () => {
    const seen: unknown[] = []
    const input = await run(
      from('source:in')
        .process(exchange => seen.push(exchange.body))
        .process(() => 42)
        .setBody('Hello ${body}')
        .process(exchange => seen.push(exchange.body)),
    )
    const { exchange, done } = input.bring('you')
    expect(done).toBeUndefined()
    expect(seen).toEqual(['you', 'Hello you'])
    expect(exchange.failed).toBe(false)
  })

  it('waits for a step that returns a thenable, then goes on in order', async () => {
    const seen: string[] = []
    const input = await run(
      from('source:in')
        .process(async () => {
          await Promise.resolve()
          seen.push('first')
        })
        .process(() => void seen.push('second')),
    )
    const { done } = input.bring()
    expect(seen).toEqual([])
    await done
    expect(seen).toEqual(['first', 'second'])
  })

  it('ends at stop() as completed, also inside of a block', async () => {
    const seen: string[] = []
    const input = await run(
      from('source:in')
        .filter('${body} == 1')
        .stop()
        .end()
        .process(exchange => void seen.push(String(exchange.body))),
    )
    const { exchange } = input.bring(1)
    input.bring(2)
    expect(seen).toEqual(['2'])
    expect(exchange.halt).toBe(HALT.stop)
    expect(exchange.failed).toBe(false)
  })

  it('runs the first branch that matches and no other, then goes on after end()', async () => {
    const input = await run(
      from('source:in')
        .choice()
        .when('${body} > 10')
        .setHeader('size', 'big')
        .when('${body} > 5')
        .setHeader('size', 'middle')
        .otherwise()
        .setHeader('size', 'small')
        .end()
        .setBody('${header.size}!'),
    )
    expect([20, 7, 1].map(body => input.bring(body).exchange.body)).toEqual(['big!', 'middle!', 'small!'])
  })

  it('runs the unit of work exactly once, after the whole route, with the outcome', async () => {
    const ends: string[] = []
    const input = await run(
      from('source:in').process(async exchange => {
        await Promise.resolve()
        ends.push('step')
        if (exchange.body === 'bad') throw new Error('no')
      }),
    )
    const watch = {
      onComplete: () => void ends.push('complete'),
      onFailure: () => void ends.push('failure'),
    }
    await input.bring('good', exchange => exchange.unitOfWork.addSynchronization(watch)).done
    await input.bring('bad', exchange => exchange.unitOfWork.addSynchronization(watch)).done
    expect(ends).toEqual(['step', 'complete', 'step', 'failure'])
  })

  it('waits for asynchronous callbacks of the unit of work before the exchange counts as ended', async () => {
    let acknowledged = false
    const input = await run(from('source:in').process(() => {}))
    const { done } = input.bring('x', exchange =>
      exchange.unitOfWork.addSynchronization({
        onComplete: async () => {
          await new Promise(resolve => setImmediate(resolve))
          acknowledged = true
        },
      }),
    )
    expect(context?.route('route1').statistics.inFlight).toBe(1)
    await done
    expect(acknowledged).toBe(true)
    expect(context?.route('route1').statistics).toMatchObject({ total: 1, completed: 1, failed: 0, inFlight: 0 })
  })
})

describe('a step that uses up the call stack', () => {
  it('fails with its own code and is not redelivered', async () => {
    let calls = 0
    const endless = (depth: number): number => endless(depth + 1) + 1
    const input = await run(
      from('source:in').process(() => {
        calls++
        endless(0)
      }),
    )
    const { exchange } = input.bring()
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_STACK_OVERFLOW' })
    expect(calls).toBe(1)
  })
})
