import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { settle } from '../../testing/src/settle.ts'
import { Limiters, PeriodLimiter } from '../src/eip/throttle-limiters.ts'
import {
  body,
  type Context,
  constant,
  defaultErrorHandler,
  type Exchange,
  from,
  header,
  type RouteSource,
} from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[]) {
  const started = await running(routes)
  context = started.context
  return started
}
afterEach(() => context?.stop())

const withHeader = (name: string, value: unknown) => (exchange: Exchange) =>
  void exchange.message.setHeader(name, value)

describe('TotalRequests', () => {
  it('lets so many through in a second, without a promise; the others wait, in their order', async () => {
    const { source, sink, clock } = await run([from('source:in').throttle(2).to('sink:out')])
    expect(source.bring(1).done).toBeUndefined()
    expect(source.bring(2).done).toBeUndefined()
    const rest = [3, 4, 5].map(n => source.bring(n).done)
    await clock.advance(999)
    expect(sink.bodies).toEqual([1, 2])
    await clock.advance(1)
    expect(sink.bodies).toEqual([1, 2, 3, 4])
    await clock.advance(1000)
    await Promise.all(rest)
    expect(sink.bodies).toEqual([1, 2, 3, 4, 5])
    expect(clock.pending).toBe(0)
  })

  it('in any period, not only in those that begin at full seconds', async () => {
    const { source, sink, clock } = await run([from('source:in').throttle(2, { timePeriodMillis: 100 }).to('sink:out')])
    void source.bring(1)
    await clock.advance(90)
    void source.bring(2)
    void source.bring(3)
    void source.bring(4)
    await clock.advance(10)
    expect(sink.bodies).toEqual([1, 2, 3])
    await clock.advance(89)
    expect(sink.bodies).toEqual([1, 2, 3])
    await clock.advance(1)
    expect(sink.bodies).toEqual([1, 2, 3, 4])
  })

  it('nobody overtakes those who wait', async () => {
    const { source, sink, clock } = await run([from('source:in').throttle(1, { timePeriodMillis: 10 }).to('sink:out')])
    void source.bring(1)
    void source.bring(2)
    // The clock has gone on, and the timer is late.
    clock.pause(10)
    void source.bring(3)
    await clock.advance(30)
    expect(sink.bodies).toEqual([1, 2, 3])
  })

  it('the number may change, for those who wait as well', async () => {
    const { source, sink, clock } = await run([from('source:in').throttle('${header.n}').to('sink:out')])
    const bring = (value: number, n: unknown) => source.bring(value, withHeader('n', n))
    void bring(1, 1)
    void bring(2, 1)
    void bring(3, 1)
    expect(sink.bodies).toEqual([1])
    void bring(4, '4')
    await settle()
    expect(sink.bodies).toEqual([1, 2, 3, 4])
    void bring(5, 0)
    await clock.advance(10_000)
    expect(sink.bodies).toEqual([1, 2, 3, 4])
    void bring(6, 2)
    await settle()
    expect(sink.bodies).toEqual([1, 2, 3, 4, 5, 6])
  })

  it.each([null, -1, 'many'])('fails an exchange for which the number is %s', async n => {
    const { source } = await run([from('source:in').throttle(header('n')).to('sink:out')])
    const { exchange, done } = source.bring(1, withHeader('n', n))
    await done
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_EXPRESSION_FAILED' })
  })

  it('each key has a limit of its own', async () => {
    const { source, sink, clock } = await run([
      from('source:in').throttle(1, { correlationExpression: '${header.key}' }).to('sink:out'),
    ])
    void source.bring('a1', withHeader('key', 'a'))
    void source.bring('a2', withHeader('key', 'a'))
    void source.bring('b1', withHeader('key', 'b'))
    expect(sink.bodies).toEqual(['a1', 'b1'])
    await clock.advance(1000)
    expect(sink.bodies).toEqual(['a1', 'b1', 'a2'])
  })

  it('rejects instead, with rejectExecution', async () => {
    const { source, sink, clock } = await run([from('source:in').throttle(1, { rejectExecution: true }).to('sink:out')])
    void source.bring(1)
    const { exchange, done } = source.bring(2)
    await done
    expect(exchange.exception).toMatchObject({
      code: 'DROMEDARY_THROTTLED',
      message: expect.stringContaining('1 exchanges in 1000 ms'),
    })
    await clock.advance(1000)
    void source.bring(3)
    expect(sink.bodies).toEqual([1, 3])
  })

  it('what was rejected may be redelivered', async () => {
    const { source, sink, clock } = await run([
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 1, redeliveryDelay: 1000 }))
        .throttle(1, { rejectExecution: true })
        .to('sink:out'),
    ])
    void source.bring(1)
    const { done } = source.bring(2)
    await clock.advance(1000)
    await done
    expect(sink.bodies).toEqual([1, 2])
  })

  it('takes numbers and keys that come as promises', async () => {
    const { source, sink } = await run([
      from('source:in')
        .throttle(async () => 1, { correlationExpression: async () => 'k' })
        .to('sink:out'),
    ])
    await source.bring(1).done
    expect(sink.bodies).toEqual([1])
  })
})

describe('ConcurrentRequests', () => {
  const open: (() => void)[] = []
  const held = () => new Promise<void>(resolve => void open.push(resolve))
  const concurrent = (n: number, options = {}) =>
    from('source:in')
      .throttle(n, { mode: 'ConcurrentRequests', ...options })
      .to('sink:in')
      .process(held)
      .to('sink:out')

  it('lets so many in at once; a place is free when an exchange has ended, also by a failure', async () => {
    open.length = 0
    const { source, sink } = await run([concurrent(2)])
    for (const n of [1, 2, 3, 4]) void source.bring(n)
    expect(sink.bodies).toEqual([1, 2])
    open.shift()?.()
    await settle()
    expect(sink.bodies).toEqual([1, 2, 1, 3])
    open.shift()?.()
    await settle()
    expect(sink.bodies).toEqual([1, 2, 1, 3, 2, 4])
    for (const go of open) go()
    await settle()
  })

  it('rejects instead, with rejectExecution', async () => {
    open.length = 0
    const { source } = await run([concurrent(1, { rejectExecution: true })])
    void source.bring(1)
    const { exchange, done } = source.bring(2)
    await done
    expect(exchange.exception).toMatchObject({
      code: 'DROMEDARY_THROTTLED',
      message: expect.stringContaining('at once'),
    })
    open.shift()?.()
    await settle()
  })

  it('also by a failure', async () => {
    const { source, sink } = await run([
      from('source:in')
        .throttle(1, { mode: 'ConcurrentRequests' })
        .to('sink:in')
        .process(() => Promise.reject(new Error('no'))),
    ])
    await Promise.all([source.bring(1).done, source.bring(2).done])
    expect(sink.bodies).toEqual([1, 2])
  })

  it('an exchange that passes again keeps its place', async () => {
    const { source, sink } = await run([
      from('source:in').to('direct:once').to('direct:once'),
      from('direct:once').throttle(constant(1), { mode: 'ConcurrentRequests' }).to('sink:out'),
    ])
    await source.bring('x').done
    expect(sink.bodies).toEqual(['x', 'x'])
  })

  it('a larger number lets in those who wait', async () => {
    open.length = 0
    const { source, sink } = await run([
      from('source:in').throttle(body(), { mode: 'ConcurrentRequests' }).to('sink:in').process(held),
    ])
    void source.bring(1)
    void source.bring(1)
    expect(sink.bodies).toEqual([1])
    void source.bring(3)
    await settle()
    expect(sink.bodies).toEqual([1, 1, 3])
    for (const go of open) go()
    await settle()
  })
})

describe('a stop', () => {
  it('waits for those who wait', async () => {
    const { source, sink, clock, context } = await run([from('source:in').throttle(1).to('sink:out')])
    void source.bring(1)
    void source.bring(2)
    const stopping = context.stop()
    await clock.advance(1000)
    await stopping
    expect(sink.bodies).toEqual([1, 2])
  })

  it('by force that came before lets nobody wait', async () => {
    const { source } = await run([from('source:in').throttle(0)])
    const { exchange, done } = source.bring(1, it => {
      it.signal = AbortSignal.abort()
    })
    await done
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
  })

  it('by force ends the wait', async () => {
    const { source, clock, context } = await run([
      from('source:in').throttle(1, { timePeriodMillis: '1h' }).to('sink:out'),
    ])
    void source.bring(1)
    const { exchange } = source.bring(2)
    const stopping = context.stop()
    await clock.advance(50_000)
    await stopping
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
  })
})

it('forgets keys that nobody waits for, when there are many', async () => {
  const clock = new FakeClock()
  const limiters = new Limiters(() => new PeriodLimiter(clock, 10))
  const { source } = await run([from('source:in')])
  const { exchange } = source.bring()
  for (let n = 0; n < 1000; n++) limiters.of(n).tryPass(exchange, 1)
  const waits = limiters.of(0).wait(exchange)
  await clock.advance(5)
  limiters.of('young').tryPass(exchange, 1)
  expect(limiters.size).toBe(1001)
  await clock.advance(5)
  for (let n = 0; n < 1000; n++) limiters.of(`more ${n}`).tryPass(exchange, 1)
  // The sweep comes with the 1,001st key, when none is idle, and with the 2,002nd.
  limiters.of('last')
  expect(await waits).toBe(true)
  expect(limiters.size).toBeLessThan(1100)
})
