import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { settle } from '../../testing/src/settle.ts'
import {
  type Context,
  type ContextOptions,
  createContext,
  deadLetterChannel,
  from,
  type RouteSource,
} from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

let input = sources()
let context: Context
let sink = sinks()
let log = keepingSink()
let clock = new FakeClock()

async function run(routes: RouteSource | RouteSource[], options: Partial<ContextOptions> = {}) {
  log = keepingSink()
  clock = new FakeClock()
  context = createContext({
    log,
    clock,
    ...options,
    routes: [routes].flat(),
    components: [input.component, sink.component],
  })
  await context.start()
  return input.source('in')
}
afterEach(async () => {
  const stopped = context.stop()
  await clock.advance(60_000)
  await stopped
  input = sources()
  sink = sinks()
})

/** What a system outside says. */
const system = { up: true }
const whileUp = { until: () => system.up }
afterEach(() => {
  system.up = true
})

describe('while the condition holds', () => {
  it('exchanges pass, and stay synchronous', async () => {
    const source = await run(from('source:in').pausable(whileUp).to('sink:out'))
    expect(source.bring('a').done).toBeUndefined()
    expect(sink.bodies).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })
})

describe('while the condition does not hold', () => {
  it('the exchange that found it waits, the consumer is paused, and both go on when it holds again', async () => {
    const source = await run(from('source:in').routeId('r').pausable(whileUp).to('sink:out'))
    system.up = false
    const { done } = source.bring('a')
    await settle()
    expect(source.calls).toEqual(['start', 'started', 'quiesce'])
    expect(context.route('r').status).toBe('suspended')
    await clock.advance(5_000)
    expect(sink.bodies).toEqual([])
    system.up = true
    await clock.advance(1_000)
    await done
    await settle()
    expect(sink.bodies).toEqual(['a'])
    // This consumer cannot resume: a new one is made, once what the old one brought in has ended.
    expect(source.calls).toEqual(['start', 'started', 'quiesce', 'close', 'start', 'started'])
    expect(context.route('r').status).toBe('started')
    source.bring('b')
    expect(sink.bodies).toEqual(['a', 'b'])
    expect(log.messages).toEqual([
      'warn r: route r pauses: the condition of pausable1 does not hold',
      'info r: route r goes on after a pause of 6s',
    ])
  })

  it('a consumer that cannot resume is closed only when what it brought in has ended', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const source = await run(
      from('source:in')
        .pausable(whileUp)
        .process(() => promise),
    )
    system.up = false
    const { done } = source.bring('a')
    await settle()
    system.up = true
    await clock.advance(5_000)
    expect(source.calls).toEqual(['start', 'started', 'quiesce'])
    resolve()
    await done
    await settle()
    expect(source.calls).toEqual(['start', 'started', 'quiesce', 'close', 'start', 'started'])
  })

  it('a consumer that can resume is resumed', async () => {
    input.source('in').canResume = true
    const source = await run(from('source:in').pausable(whileUp).to('sink:out'))
    system.up = false
    const { done } = source.bring('a')
    await settle()
    system.up = true
    await clock.advance(1_000)
    await done
    await settle()
    expect(source.calls).toEqual(['start', 'started', 'quiesce', 'resume'])
  })

  it('nothing new enters, and what was under way waits in the order in which it came', async () => {
    const source = await run(
      from('source:in')
        .process(() => settle())
        .pausable(whileUp)
        .to('sink:out'),
    )
    system.up = false
    const brought = ['a', 'b', 'c'].map(body => source.bring(body).done)
    await settle(3)
    expect(source.bring('late').exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
    system.up = true
    await clock.advance(1_000)
    await Promise.all(brought)
    expect(sink.bodies).toEqual(['a', 'b', 'c'])
  })

  it('those that come later wait behind, also when it holds for them', async () => {
    const source = await run(
      from('source:in')
        .process(exchange => (exchange.body === 'b' ? settle() : undefined))
        .pausable({ until: exchange => system.up || exchange.body === 'b' })
        .to('sink:out'),
    )
    system.up = false
    const first = source.bring('b')
    const second = source.bring('a')
    await settle(3)
    expect(sink.bodies).toEqual([])
    system.up = true
    await clock.advance(1_000)
    await Promise.all([first.done, second.done])
    expect(sink.bodies).toEqual(['a', 'b'])
  })

  it('only those go on for which it holds', async () => {
    const open = new Set<unknown>()
    const source = await run(
      from('source:in')
        .process(() => settle())
        .pausable({ until: exchange => open.has(exchange.body) })
        .to('sink:out'),
    )
    const brought = ['a', 'b'].map(body => source.bring(body).done)
    await settle(3)
    open.add('a')
    await clock.advance(1_000)
    expect(sink.bodies).toEqual(['a'])
    expect(context.routes[0]?.status).toBe('suspended')
    open.add('b')
    await clock.advance(1_000)
    await Promise.all(brought)
    await settle()
    expect(sink.bodies).toEqual(['a', 'b'])
    expect(context.routes[0]?.status).toBe('started')
  })

  it('it is looked at every checkInterval', async () => {
    const asked: number[] = []
    const source = await run(
      from('source:in').pausable({
        until: () => {
          asked.push(clock.monotonic())
          return asked.length > 3
        },
        checkInterval: '2m',
      }),
    )
    const start = clock.monotonic()
    const { done } = source.bring('a')
    await clock.advance(600_000)
    await done
    expect(asked.map(time => time - start)).toEqual([0, 120_000, 240_000, 360_000])
  })

  it('one whose condition fails then fails itself', async () => {
    let broken = false
    const source = await run(
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead'))
        .pausable({
          until: () => {
            if (broken) throw new Error('cannot look')
            return false
          },
        }),
    )
    const { done } = source.bring('a')
    broken = true
    await clock.advance(1_000)
    await done
    expect(sink.bodies).toEqual(['a'])
  })
})

describe('a route that stops while it is paused', () => {
  it('calls off what waits: it fails as interrupted, is not dead-lettered, and the stop is prompt', async () => {
    const source = await run(
      from('source:in').errorHandler(deadLetterChannel('sink:dead')).pausable(whileUp).to('sink:out'),
    )
    system.up = false
    const { exchange, done } = source.bring('a')
    await settle()
    let stopped = false
    const stop = context.stop().then(() => {
      stopped = true
    })
    await clock.advance(1_000)
    await Promise.all([done, stop])
    expect(stopped).toBe(true)
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_INTERRUPTED', message: /pausable1 of route route1/ })
    expect(sink.bodies).toEqual([])
    expect(source.calls).toEqual(['start', 'started', 'quiesce', 'close'])
  })

  it('lets go on what the condition holds for by then', async () => {
    const source = await run(from('source:in').pausable(whileUp).to('sink:out'))
    system.up = false
    const { done } = source.bring('a')
    await settle()
    const stop = context.stop()
    system.up = true
    await clock.advance(1_000)
    await Promise.all([done, stop])
    expect(sink.bodies).toEqual(['a'])
  })

  it('does not wait for a consumer whose quiesce() waits for the exchange that waits', async () => {
    const source = await run(from('source:in').pausable(whileUp).to('sink:out'))
    system.up = false
    const { done } = source.bring('a')
    source.onQuiesce = () => done as Promise<void>
    await settle()
    const stop = context.stop()
    await clock.advance(1_000)
    await stop
    expect(source.calls).toEqual(['start', 'started', 'quiesce', 'close'])
  })

  it('can be started again, and pause again', async () => {
    const source = await run(from('source:in').routeId('r').pausable(whileUp).to('sink:out'))
    for (const body of ['a', 'b']) {
      system.up = false
      const { done } = source.bring(body)
      await settle()
      expect(context.route('r').status).toBe('suspended')
      const stop = context.route('r').stop()
      await clock.advance(1_000)
      await Promise.all([stop, done])
      system.up = true
      await context.route('r').start()
      source.bring(body)
    }
    expect(sink.bodies).toEqual(['a', 'b'])
  })
})

describe('a consumer that is not paused', () => {
  it('is one of a leader: its exchanges wait, and it keeps the leadership', async () => {
    const source = await run(from('source:in').pausable(whileUp).to('sink:out'))
    system.up = false
    const guarded = () =>
      source.bring('a', exchange => {
        exchange.guard = { accepts: () => true, isValid: () => true }
      }).done
    const brought = [guarded(), guarded()]
    await clock.advance(2_500)
    expect(source.calls).toEqual(['start', 'started'])
    system.up = true
    await clock.advance(1_000)
    await Promise.all(brought)
    expect(sink.bodies).toEqual(['a', 'a'])
  })

  it('is one that only routes call: they wait', async () => {
    const source = await run([
      from('source:in').to('direct:out').to('sink:after'),
      from('direct:out').routeId('out').pausable(whileUp).to('sink:out'),
    ])
    system.up = false
    const brought = ['a', 'b'].map(body => source.bring(body).done)
    await settle()
    expect(context.route('out').status).toBe('started')
    system.up = true
    await clock.advance(1_000)
    await Promise.all(brought)
    expect(sink.bodies).toEqual(['a', 'b', 'a', 'b'])
  })
})

it('an exchange that must end waits no longer', async () => {
  const source = await run(from('source:in').pausable(whileUp).to('sink:out'))
  const end = new AbortController()
  system.up = false
  const { exchange, done } = source.bring('a', brought => {
    brought.signal = end.signal
  })
  await settle()
  end.abort()
  await done
  await settle()
  expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_INTERRUPTED' })
  // Nobody waits any more: the next one is to find out how it stands.
  expect(context.routes[0]?.status).toBe('started')
  expect(clock.pending).toBe(0)
})

it('a checkInterval must be at least 1 ms', () => {
  expect(() => from('direct:a').pausable({ ...whileUp, checkInterval: 0 })).toThrow(/checkInterval/)
})
