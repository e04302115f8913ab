import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { settle } from '../../testing/src/settle.ts'
import { Deadlines } from '../src/aggregation/deadlines.ts'
import type { Exchange, RouteEntry, ScopeGuard } from '../src/component.ts'
import type { AggregateOptions } from '../src/dsl/aggregate-options.ts'
import { type Context, constant, from, NAMES, type RouteSource, stringJoin, useLatest } from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[]) {
  const started = await running(routes)
  context = started.context
  return started
}
afterEach(() => context?.stop())

const gathering = (options: Partial<AggregateOptions>) =>
  from('source:in')
    .routeId('gather')
    .aggregate('${header.k}', { aggregationStrategy: stringJoin('+'), ...options })
    .to('outside:group')
    .end()
const key = (k: unknown) => (exchange: Exchange) => void exchange.message.setHeader('k', k)

describe('a stop', () => {
  it('ends groups that are not complete, and says how many', async () => {
    const { source, outside, context, log, clock } = await run([gathering({ completionTimeout: 100 })])
    source.bring(1, key('a'))
    source.bring(2, key('b'))
    await context.stop()
    expect(outside.bodies).toEqual([])
    expect(clock.pending).toBe(0)
    expect(log.messages.filter(line => line.startsWith('warn'))).toEqual([
      expect.stringContaining('2 groups that are not complete'),
    ])
  })

  it('completes them with forceCompletionOnStop, and waits for their steps', async () => {
    const reasons: unknown[] = []
    const { source, sink, context } = await run([
      from('source:in')
        .aggregate('${header.k}', {
          aggregationStrategy: stringJoin('+'),
          completionSize: 9,
          forceCompletionOnStop: true,
        })
        .process(group => {
          reasons.push(group.getProperty('CamelAggregatedCompletedBy'))
          return settle(3)
        })
        .to('direct:group')
        .end(),
      from('direct:group').to('sink:group'),
    ])
    source.bring(1, key('a'))
    source.bring(2, key('b'))
    source.bring(3, key('a'))
    await context.stop()
    expect(sink.bodies).toEqual(['1+3', '2'])
    expect(reasons).toEqual(['force', 'force'])
    expect(source.calls.at(-1)).toBe('close')
  })

  it('waits with completeAllOnStop until they are complete of themselves', async () => {
    const { source, outside, context, clock } = await run([
      gathering({ completionTimeout: 1000, completeAllOnStop: true }),
    ])
    source.bring(1, key('a'))
    let stopped = false
    const stopping = context.stop().then(() => {
      stopped = true
    })
    await clock.advance(999)
    expect([stopped, outside.bodies]).toEqual([false, []])
    await clock.advance(1)
    await stopping
    expect(outside.bodies).toEqual(['1'])
  })

  it('does not wait longer than the shutdown time-out', async () => {
    const { source, context, clock, log } = await run([gathering({ completionSize: 2, completeAllOnStop: true })])
    source.bring(1, key('a'))
    const stopping = context.stop()
    await clock.advance(60_000)
    await stopping
    expect(log.messages.join('\n')).toContain('1 group that is not complete')
  })

  it('waits for a group that runs', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { source, sink, context, clock } = await run([
      from('source:in')
        .aggregate(constant(1), { aggregationStrategy: useLatest(), completionTimeout: 10 })
        .process(() => promise)
        .to('sink:group')
        .end(),
    ])
    source.bring('x')
    await clock.advance(10)
    expect(context.routes[0]?.statistics.inFlight).toBe(1)
    const stopping = context.stop()
    await settle(3)
    expect(source.calls).not.toContain('close')
    resolve()
    await stopping
    expect(sink.bodies).toEqual(['x'])
  })

  it('and a new start: groups begin anew, and time goes on', async () => {
    const { source, outside, context, clock } = await run([gathering({ completionInterval: 100 })])
    source.bring(1, key('a'))
    await context.route('gather').stop()
    await clock.advance(1000)
    await context.route('gather').start()
    source.bring(2, key('a'))
    await clock.advance(100)
    expect(outside.bodies).toEqual(['2'])
    await context.stop()
    expect(clock.pending).toBe(0)
  })

  it('a suspended route still completes its groups by time', async () => {
    const { source, outside, context, clock } = await run([
      gathering({ completionTimeout: 100, forceCompletionOnStop: true }),
    ])
    source.bring(1, key('a'))
    await context.route('gather').suspend()
    expect(outside.bodies).toEqual([])
    await clock.advance(100)
    expect(outside.bodies).toEqual(['1'])
  })
})

it('a group that time completes begins a chain of calls anew', async () => {
  const open: number[] = []
  const { source, clock } = await run([
    from('source:in').to('direct:gather'),
    from('direct:gather')
      .aggregate('${header.k}', { aggregationStrategy: useLatest(), completionTimeout: 10, completionSize: 2 })
      .process(group => void open.push(group.openCalls))
      .end(),
  ])
  source.bring(1, key('a'))
  await clock.advance(10)
  source.bring(1, key('a'))
  source.bring(2, key('a'))
  expect(open).toEqual([0, 1])
})

describe('deadlines', () => {
  it('that are gone leave nothing behind, however many there were', async () => {
    const clock = new FakeClock()
    const expired: string[] = []
    const deadlines = new Deadlines(clock, keys => void expired.push(...keys))
    deadlines.set('late', 1000)
    for (let n = 0; n < 200; n++) deadlines.set(`k${n}`, 10 + n)
    for (let n = 0; n < 200; n++) deadlines.delete(`k${n}`)
    expect(clock.nextIn).toBeGreaterThan(100)
    await clock.advance(1000)
    expect(expired).toEqual(['late'])
    expect(clock.pending).toBe(0)
  })

  it('come in the order of time, whatever the order of setting', async () => {
    const clock = new FakeClock()
    const expired: string[] = []
    const deadlines = new Deadlines(clock, keys => void expired.push(...keys))
    let seed = 5
    const times = Array.from({ length: 300 }, () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return 1 + (seed % 1000)
    })
    times.forEach((ms, n) => void deadlines.set(`k${n}`, ms))
    // Some move, some go.
    for (let n = 0; n < 300; n += 3) deadlines.set(`k${n}`, times[(n + 1) % 300] as number)
    for (let n = 1; n < 300; n += 3) deadlines.delete(`k${n}`)
    const due = (n: number) => (n % 3 === 0 ? times[(n + 1) % 300] : times[n]) as number
    await clock.advance(1000)
    const order = expired.map(key => due(Number(key.slice(1))))
    expect(order).toHaveLength(200)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
})

/** A leadership that the test steers. */
class SteeredLeadership implements ScopeGuard {
  valid = true
  readonly #term: bigint
  readonly #end = new AbortController()
  readonly signal = this.#end.signal

  constructor(term: bigint) {
    this.#term = term
  }

  accepts() {
    return this.valid
  }

  isValid() {
    return this.valid
  }

  prepare(exchange: Exchange) {
    exchange.setProperty(NAMES.clusterTerm, this.#term)
  }

  end() {
    this.valid = false
    this.#end.abort(new Error('ended'))
  }
}

describe('under a leader', () => {
  async function led(options: Partial<AggregateOptions>) {
    const started = await run([gathering(options)])
    const term = (number: bigint) => {
      const guard = new SteeredLeadership(number)
      const scope = (started.source.entry as RouteEntry).scope(guard)
      const bring = (body: unknown, k: string) => {
        const exchange = scope.entry.createExchange(body)
        key(k)(exchange)
        return { exchange, done: scope.entry.process(exchange) }
      }
      return { guard, scope, bring }
    }
    return { ...started, term }
  }

  it('a group of an earlier term is never completed by a timer: it is dropped, and that is said once', async () => {
    const { term, clock, outside, log } = await led({ completionTimeout: 100 })
    const first = term(1n)
    for (const k of ['a', 'b', 'c']) first.bring(1, k)
    first.guard.end()
    const second = term(2n)
    await clock.advance(50)
    second.bring(2, 'd')
    await clock.advance(100)
    expect(outside.bodies).toEqual(['2'])
    expect(log.messages.filter(line => line.includes('dropped'))).toEqual([expect.stringContaining('dropped 3 groups')])
    expect(log.messages.filter(line => line.startsWith('error'))).toEqual([])
    second.bring(3, 'a')
    await clock.advance(100)
    expect(outside.bodies).toEqual(['2', '3'])
  })

  it('nor by a stop, an interval, or a signal of a later term', async () => {
    const { term, outside, context, source, clock } = await led({
      completionInterval: 100,
      forceCompletionOnStop: true,
    })
    const first = term(1n)
    first.bring(1, 'a')
    first.guard.end()
    await clock.advance(100)
    first.guard.valid = true
    first.bring(2, 'b')
    first.guard.valid = false
    source.bring('signal', exchange => void exchange.setProperty(NAMES.aggregationCompleteAllGroups, true))
    await settle()
    first.guard.valid = true
    first.bring(3, 'c')
    first.guard.valid = false
    await context.stop()
    expect(outside.bodies).toEqual([])
  })

  it('a group whose leadership ends while it runs is lost, and that is said', async () => {
    const { term, outside, log } = await led({
      completionSize: 1,
      aggregationStrategy: { aggregate: useLatest(), onCompletion: () => guard.end() },
    })
    const { guard, bring } = term(1n)
    const { exchange } = bring(1, 'a')
    expect(exchange.failed).toBe(false)
    expect(outside.bodies).toEqual([])
    expect(log.messages.filter(line => line.includes('lost'))).toEqual([
      expect.stringMatching(/^warn .*group a .*leadership/),
    ])
    expect(log.messages.filter(line => line.startsWith('error'))).toEqual([])
  })

  it('a group is of the term of its newest exchange', async () => {
    const { term, outside, clock } = await led({ completionTimeout: 100 })
    const first = term(1n)
    first.bring(1, 'a')
    first.guard.end()
    let seen!: Exchange
    context?.exchanges.subscribe(event => {
      if (event.type === 'created' && event.exchange.getProperty('CamelAggregatedSize')) seen = event.exchange
    })
    await term(2n).bring(2, 'a').done
    await clock.advance(100)
    await settle(3)
    expect(outside.bodies).toEqual(['1+2'])
    expect(seen.getProperty(NAMES.clusterTerm)).toBe(2n)
    expect(seen.guard?.isValid()).toBe(true)
  })

  it('hands groups on before it hands over, with forceCompletionOnStop', async () => {
    const { term, outside } = await led({ completionSize: 9, forceCompletionOnStop: true })
    const { scope, bring } = term(1n)
    bring(1, 'a')
    bring(2, 'b')
    bring(3, 'a')
    expect(scope.inFlight).toBe(1)
    expect(await scope.drained(1000)).toBe(0)
    expect(outside.bodies).toEqual(['1+3', '2'])
  })

  it('waits with completeAllOnStop, but not past its end', async () => {
    const { term, outside, clock } = await led({ completionTimeout: 100, completeAllOnStop: true })
    const { scope, bring } = term(1n)
    bring(1, 'a')
    const drained = scope.drained(1000)
    await clock.advance(100)
    expect(await drained).toBe(0)
    expect(outside.bodies).toEqual(['1'])
    bring(2, 'b')
    const late = scope.drained(50)
    await clock.advance(50)
    expect(await late).toBe(1)
    await clock.advance(50)
    expect(scope.inFlight).toBe(0)
  })

  it('is let go of by a route that is ended by force', async () => {
    const { term, context, clock } = await led({ completionSize: 9, completeAllOnStop: true })
    const { scope, bring } = term(1n)
    bring(1, 'a')
    expect(scope.inFlight).toBe(1)
    const stopping = context.stop()
    await clock.advance(60_000)
    await stopping
    expect(scope.inFlight).toBe(0)
  })

  it('does not wait for groups without either', async () => {
    const { term } = await led({ completionTimeout: 100 })
    const { scope, bring } = term(1n)
    bring(1, 'a')
    expect(scope.inFlight).toBe(0)
  })
})

it('a tap, and what outlives its exchange, keeps the leader from handing over', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { source, outside } = await run([
    from('source:in').wireTap('direct:slow'),
    from('direct:slow')
      .process(() => promise)
      .to('outside:tap'),
  ])
  const guard = new SteeredLeadership(1n)
  const scope = (source.entry as RouteEntry).scope(guard)
  void scope.entry.process(scope.entry.createExchange('x'))
  expect(scope.inFlight).toBe(1)
  const drained = scope.drained(1000)
  resolve()
  expect(await drained).toBe(0)
  expect(outside.bodies).toEqual(['x'])
})
