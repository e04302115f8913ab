import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { sleep } from '../src/clock.ts'
import { type Context, type ContextOptions, createContext, from, type RouteSource } from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { ScriptedStage } from './support/scripted-stage.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

let input = sources()
let sink = sinks()
let log = keepingSink()
let context: Context | undefined

function make(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  input = sources()
  log = keepingSink()
  context = createContext({ log, ...options, routes, components: [input.component, sink.component] })
  return context
}
afterEach(async () => {
  await context?.stop()
  sink = sinks()
})
/** A step that waits until it is let go. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { step: () => promise, open: resolve }
}

describe('a context', () => {
  it('starts routes by startupOrder, then by writing, and stops them in reverse', async () => {
    const made = make([
      from('source:c').routeId('c'),
      from('source:b').routeId('b').startupOrder(2),
      from('source:a').routeId('a').startupOrder(1),
    ])
    const order: string[] = []
    made.events.subscribe(event => {
      if (event.type === 'route' && /^(started|stopping)$/.test(event.status))
        order.push(`${event.status} ${event.routeId}`)
    })
    await made.start()
    await made.stop()
    expect(order).toEqual(['started a', 'started b', 'started c', 'stopping c', 'stopping b', 'stopping a'])
  })

  it('starts producers before and closes them after all consumers', async () => {
    const made = make([from('source:a').to('sink:out')])
    const order: string[] = []
    input.source('a').onStart = () => void order.push(...sink.events)
    await made.start()
    await made.stop()
    expect(order).toEqual(['start out'])
    expect(sink.events).toEqual(['start out', 'close out'])
    expect(input.source('a').calls).toEqual(['start', 'started', 'quiesce', 'close'])
  })

  it('starts nothing when a route is wrong, and stops what had started when one cannot start', async () => {
    await expect(make([from('source:a'), from('nosuch:b' as string)]).start()).rejects.toMatchObject({
      code: 'DROMEDARY_UNKNOWN_SCHEME',
    })
    expect(input.source('a').calls).toEqual([])
    const made = make([from('source:a'), from('source:b')])
    input.source('b').onStart = () => {
      throw new Error('port taken')
    }
    await expect(made.start()).rejects.toMatchObject({ code: 'DROMEDARY_START_FAILED', message: /port taken/ })
    expect(input.source('a').calls).toEqual(['start', 'started', 'quiesce', 'close'])
    expect(input.source('b').calls).toEqual(['start', 'close'])
    expect(made.status).toBe('stopped')
  })

  it('aborts a start under way when it is stopped', async () => {
    const made = make([from('source:a')])
    input.source('a').onStart = signal =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))))
    const starting = made.start()
    await new Promise(resolve => setImmediate(resolve))
    await made.stop()
    await expect(starting).rejects.toThrow('gave up')
    expect(input.source('a').calls).toEqual(['start', 'close'])
  })

  it('that is stopped before its start is through rejects the start, and starts nothing more', async () => {
    const made = make([from('source:a')])
    const starting = made.start()
    await made.stop()
    await expect(starting).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
    expect(input.source('a').calls).toEqual([])
  })

  it('starts once and refuses two routes with one id', async () => {
    const made = make([from('source:a')])
    await made.start()
    await expect(made.start()).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
    await made.stop()
    await expect(make([from('source:a').routeId('x'), from('source:b').routeId('x')]).start()).rejects.toMatchObject({
      code: 'DROMEDARY_DUPLICATE_ROUTE_ID',
    })
  })
})

describe('a stop', () => {
  it('lets exchanges under way end, refuses new ones, and keeps direct: routes open until then', async () => {
    const { step, open } = gate()
    const made = make([from('source:a').process(step).to('direct:b'), from('direct:b').to('sink:out')])
    await made.start()
    const { exchange, done } = input.source('a').bring('early')
    const stopping = made.stop()
    await new Promise(resolve => setImmediate(resolve))
    const late = input.source('a').bring('late').exchange
    expect(late.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
    expect(input.source('a').calls).toEqual(['start', 'started', 'quiesce'])
    open()
    await Promise.all([stopping, done])
    expect(exchange.failed).toBe(false)
    expect(sink.bodies).toEqual(['early'])
    expect(input.source('a').calls.at(-1)).toBe('close')
  })

  it('ends by force after the time-out: aborts the signal and says what was running', async () => {
    const clock = new FakeClock()
    const made = make(
      [
        from('source:a')
          .routeId('slow')
          .process(() => new Promise(() => {}))
          .id('stuck'),
      ],
      { clock },
    )
    await made.start()
    const { exchange } = input.source('a').bring('x')
    let stopped = false
    const stopping = made.stop().then(() => {
      stopped = true
    })
    await clock.advance(44_999)
    expect([stopped, exchange.signal.aborted]).toEqual([false, false])
    await clock.advance(2)
    await stopping
    expect(exchange.signal.reason).toMatchObject({ code: 'DROMEDARY_SHUTDOWN_TIMEOUT' })
    expect(input.source('a').calls.at(-1)).toBe('close forced')
    expect(log.messages).toContainEqual(expect.stringContaining(`1 still running: ${exchange.id} at stuck`))
  })

  it('takes the time-out that it was given', async () => {
    const clock = new FakeClock()
    const made = make([from('source:a').process(() => new Promise(() => {}))], { clock, shutdownTimeout: '2s' })
    await made.start()
    input.source('a').bring('x')
    const stopping = made.stop()
    await clock.advance(2001)
    await stopping
  })

  it('ends a delay by force as well', async () => {
    const clock = new FakeClock()
    const made = make([from('source:a').delay('10m')], { clock })
    await made.start()
    const { exchange, done } = input.source('a').bring('x')
    const stopping = made.stop()
    await clock.advance(45_001)
    await Promise.all([stopping, done])
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
  })
})

describe('a route', () => {
  it('does not start with its context when told so, and can be started, stopped and started again', async () => {
    const made = make([from('source:a').routeId('a').autoStartup(false).to('sink:out')])
    await made.start()
    const route = made.route('a')
    expect(route.status).toBe('stopped')
    await route.start()
    input.source('a').bring(1)
    await route.stop()
    expect(route.status).toBe('stopped')
    await route.start()
    input.source('a').bring(2)
    expect(sink.bodies).toEqual([1, 2])
  })

  it('suspended takes nothing, and goes on when resumed', async () => {
    const made = make([from('source:a').routeId('a').to('sink:out')])
    await made.start()
    const route = made.route('a')
    await route.suspend()
    expect(input.source('a').bring(1).exchange.failed).toBe(true)
    await route.resume()
    input.source('a').bring(2)
    expect(sink.bodies).toEqual([2])
    await expect(route.resume()).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
  })

  it('stopped while it is resumed starts no consumer, and closes none that did not start', async () => {
    const stage: ScriptedStage = new ScriptedStage({
      close: () => sleep(stage.clock, 100).then(() => {}),
      start: (_, signal) => {
        if (signal.aborted) throw new Error('started though it was stopped')
      },
    })
    const context = await stage.started([from('res:in').routeId('in').log('x')])
    const route = context.route('in')
    await route.suspend()
    const starting = route.start()
    await stage.clock.advance(50)
    await stage.during(Promise.all([starting, route.stop()]))
    expect(route.status).toBe('stopped')
    expect(stage.calls).toEqual(['start in', 'started in', 'quiesce in', 'close in'])
    await route.start()
    expect(stage.calls.slice(4)).toEqual(['start in', 'started in'])
    await stage.end()
  })

  it('orders calls that come at once', async () => {
    const made = make([from('source:a').routeId('a').autoStartup(false)])
    await made.start()
    const route = made.route('a')
    await Promise.all([route.start(), route.stop(), route.start(), route.stop(), route.start()])
    expect(route.status).toBe('started')
    expect(input.source('a').calls.join(' ')).not.toMatch(/\bstart start\b|\bclose close\b/)
  })

  it('that nobody knows is refused with the near name', async () => {
    const made = make([from('source:a').routeId('orders')])
    await made.start()
    expect(() => made.route('order')).toThrow(/did you mean orders/)
  })
})
