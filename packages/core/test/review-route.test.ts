import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { type Context, constant, from, type IdempotentRepository, type RouteSource, stringJoin } from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[]) {
  const started = await running(routes)
  context = started.context
  return started
}
afterEach(() => context?.stop())

describe('a route whose consumer cannot resume', () => {
  it('starts what its steps keep once, and frees it once, however often it is suspended', async () => {
    const calls: string[] = []
    const repository = {
      add: () => true,
      contains: () => false,
      remove: () => {},
      confirm: () => {},
      start: () => void calls.push('start'),
      stop: () => void calls.push('stop'),
    } as unknown as IdempotentRepository
    const { context, clock } = await run([
      from('source:in')
        .routeId('r')
        .idempotentConsumer(constant('k'), repository)
        .end()
        .aggregate(constant(1), { aggregationStrategy: stringJoin('+'), completionInterval: 100 })
        .to('sink:out')
        .end(),
    ])
    const timers = clock.pending
    const route = context.route('r')
    for (let turn = 0; turn < 3; turn++) {
      await route.suspend()
      await route.resume()
    }
    expect(calls).toEqual(['start'])
    expect(clock.pending).toBe(timers)
    await route.stop()
    expect(calls).toEqual(['start', 'stop'])
    expect(clock.pending).toBe(0)
  })

  it('keeps its groups over a suspension', async () => {
    const { context, source, sink } = await run([
      from('source:in')
        .routeId('r')
        .aggregate(constant(1), { aggregationStrategy: stringJoin('+'), completionSize: 2 })
        .to('sink:out')
        .end(),
    ])
    source.bring(1)
    await context.route('r').suspend()
    await context.route('r').resume()
    source.bring(2)
    expect(sink.bodies).toEqual(['1+2'])
  })

  it('frees it when the new consumer does not start, and may start anew', async () => {
    const { context, source, sink } = await run([from('source:in').routeId('r').to('sink:out')])
    await context.route('r').suspend()
    source.onStart = () => Promise.reject(new Error('down'))
    await expect(context.route('r').resume()).rejects.toThrow('down')
    expect(context.route('r').status).toBe('failed')
    source.onStart = () => {}
    await context.route('r').start()
    source.bring(1)
    expect(sink.bodies).toEqual([1])
  })
})

describe('a route that a step pauses', () => {
  const system = { up: true }
  afterEach(() => {
    system.up = true
  })
  const until = () => system.up

  it('stays suspended after the pause when its user has suspended it meanwhile', async () => {
    const { context, source, clock, sink } = await run([
      from('source:in').routeId('r').pausable({ until }).to('sink:out'),
    ])
    source.canResume = true
    system.up = false
    source.bring(1)
    await settle()
    const suspending = context.route('r').suspend()
    await settle()
    system.up = true
    await clock.advance(5_000)
    await suspending
    await settle(10)
    expect(sink.bodies).toEqual([1])
    expect(context.route('r').status).toBe('suspended')
    await context.route('r').resume()
    expect(context.route('r').status).toBe('started')
  })

  it('is not resumed by what waited beside it while its user has suspended it', async () => {
    const { context, source, clock, sink } = await run([
      from('source:in')
        .routeId('r')
        .aggregate(constant(1), { aggregationStrategy: stringJoin('+'), completionTimeout: 100 })
        .pausable({ until })
        .to('sink:out')
        .end(),
    ])
    source.bring(1)
    await context.route('r').suspend()
    system.up = false
    await clock.advance(100)
    system.up = true
    await clock.advance(5_000)
    await settle(10)
    expect(sink.bodies).toEqual(['1'])
    expect(context.route('r').status).toBe('suspended')
  })

  it('is paused again for the next one that has to wait, after its user resumed it', async () => {
    const { context, source, clock } = await run([from('source:in').routeId('r').pausable({ until }).to('sink:out')])
    source.canResume = true
    await context.route('r').stop()
    await context.route('r').start()
    system.up = false
    source.bring(1)
    await settle()
    expect(context.route('r').status).toBe('suspended')
    await context.route('r').resume()
    expect(context.route('r').status).toBe('started')
    source.bring(2)
    await settle()
    expect(context.route('r').status).toBe('suspended')
    system.up = true
    await clock.advance(5_000)
  })

  it('closes its consumer only after the quiesce of the pause has come back', async () => {
    const { context, source, clock } = await run([from('source:in').routeId('r').pausable({ until }).to('sink:out')])
    system.up = false
    const { done } = source.bring(1)
    source.onQuiesce = async () => {
      await done
      await settle(10)
      source.calls.push('quiesced')
    }
    await settle()
    const stopping = context.stop()
    await clock.advance(5_000)
    await stopping
    expect(source.calls.slice(2)).toEqual(['quiesce', 'quiesced', 'close'])
  })
})

describe('a step that stops its own route', () => {
  it('and does not wait for that ends it in order', async () => {
    let stopping: Promise<void> | undefined
    const { context, source, sink } = await run([
      from('source:in')
        .routeId('r')
        .process(() => {
          stopping = context.route('r').stop()
        })
        .to('sink:out'),
    ])
    source.bring(1)
    await stopping
    expect(sink.bodies).toEqual([1])
    expect(context.route('r').statistics).toMatchObject({ inFlight: 0, completed: 1 })
    expect(context.route('r').status).toBe('stopped')
  })

  it('stopped twice at once, and by a listener, ends once', async () => {
    const { context, source } = await run([from('source:in').routeId('r').to('sink:out')])
    const statuses: string[] = []
    context.events.subscribe(event => {
      if (event.type !== 'route') return
      statuses.push(event.status)
      if (event.status === 'stopping') void context.stop()
    })
    await Promise.all([context.route('r').stop(), context.route('r').stop(), context.stop()])
    expect(statuses).toEqual(['stopping', 'stopped'])
    expect(source.calls.filter(call => call.startsWith('close'))).toEqual(['close'])
  })
})

describe('a route that was ended by force', () => {
  it('and started again: what its steps keep now is not handed on because the old work ends at last', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { context, source, sink, clock } = await run([
      from('source:in')
        .routeId('r')
        .process(exchange => (exchange.body === 'stuck' ? promise : undefined))
        .filter('${body} != "stuck"')
        .aggregate(constant(1), {
          aggregationStrategy: stringJoin('+'),
          completionSize: 9,
          forceCompletionOnStop: true,
        })
        .to('sink:out')
        .end()
        .end(),
    ])
    source.bring('stuck')
    const stopping = context.route('r').stop(10)
    await clock.advance(2_000)
    await stopping
    await context.route('r').start()
    source.bring('new')
    resolve()
    await settle(20)
    expect(sink.bodies).toEqual([])
    await context.route('r').stop()
    expect(sink.bodies).toEqual(['new'])
  })

  it('leaves no timer of a throttle behind, which would keep the process alive', async () => {
    const { context, source, clock } = await run([
      from('source:in').routeId('r').throttle(1, { timePeriodMillis: 3_600_000 }).to('sink:out'),
    ])
    source.bring(1)
    source.bring(2)
    const stopping = context.stop()
    await clock.advance(50_000)
    await stopping
    expect(clock.pending).toBe(0)
  })

  it('calls off each of very many that wait at a pause, quickly', async () => {
    const { context, source, clock } = await run([
      from('source:in')
        .routeId('r')
        .pausable({ until: () => false, checkInterval: 3_600_000 })
        .to('sink:out'),
    ])
    const all = Array.from({ length: 20_000 }, (_, at) => source.bring(at))
    await settle(200)
    const stopping = context.stop()
    await clock.advance(44_999)
    const before = performance.now()
    await clock.advance(5_000)
    await stopping
    await Promise.all(all.map(({ done }) => done))
    expect(performance.now() - before).toBeLessThan(8_000)
    expect(all.every(({ exchange }) => exchange.failed)).toBe(true)
    expect(clock.pending).toBe(0)
  }, 60_000)

  it('leaves nothing behind for one that comes to a pause only then', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { context, source, clock } = await run([
      from('source:in')
        .routeId('r')
        .process(() => promise)
        .pausable({ until: () => false })
        .to('sink:out'),
    ])
    const { done, exchange } = source.bring(1)
    const stopping = context.route('r').stop(10)
    await clock.advance(2_000)
    await stopping
    resolve()
    await done
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_INTERRUPTED' })
    expect(clock.pending).toBe(0)
  })
})
