import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import {
  type Context,
  type ContextOptions,
  createContext,
  type DeadLetterOptions,
  deadLetterChannel,
  defaultErrorHandler,
  type ErrorHandlerOptions,
  from,
  HALT,
  NAMES,
  type RouteSource,
} from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

const { component, source } = sources()
let context: Context | undefined
let sink = sinks()
let log = keepingSink()

async function run(routes: RouteSource | RouteSource[], options: Partial<ContextOptions> = {}) {
  log = keepingSink()
  context = createContext({ log, ...options, routes: [routes].flat(), components: [component, sink.component] })
  await context.start()
  return source('in')
}
afterEach(async () => {
  await context?.stop()
  sink = sinks()
})

/** Fails this often, then works; counts. */
function failing(times: number) {
  const step = Object.assign(
    () => {
      step.calls++
      if (step.calls <= times) throw new Error(`failure ${step.calls}`)
    },
    { calls: 0 },
  )
  return step
}
const retry = (options: ErrorHandlerOptions) => defaultErrorHandler({ redeliveryDelay: 0, ...options })

describe('the default error handler', () => {
  it('redelivers nothing unless asked, and gives the failure to the sender', async () => {
    const step = failing(9)
    const input = await run(from('source:in').process(step).to('sink:after'))
    const { exchange } = input.bring('x')
    expect(exchange.exception).toMatchObject({ message: 'failure 1' })
    expect(exchange.failed).toBe(true)
    expect(step.calls).toBe(1)
    expect(sink.bodies).toEqual([])
    expect(exchange.getProperty(NAMES.failureNodeId)).toBe('process1')
    expect(log.messages.at(-1)).toMatch(/^error route1: exchange .* failed at process1: failure 1$/)
  })

  it('redelivers only the step that failed, then goes on with the next', async () => {
    const before = failing(0)
    const step = failing(2)
    const input = await run(
      from('source:in')
        .errorHandler(retry({ maximumRedeliveries: 3 }))
        .process(before)
        .process(step)
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([before.calls, step.calls, sink.bodies.length]).toEqual([1, 3, 1])
    expect(exchange.failed).toBe(false)
    expect(exchange.message.header(NAMES.redelivered)).toBe(true)
    expect(exchange.message.header(NAMES.redeliveryCounter)).toBe(2)
    expect(exchange.message.header(NAMES.redeliveryMaxCounter)).toBe(3)
  })

  it('redelivers a step that fails asynchronously, and one inside of a block', async () => {
    const step = failing(2)
    const input = await run(
      from('source:in')
        .errorHandler(retry({ maximumRedeliveries: 2 }))
        .filter('${body} != null')
        .process(async () => {
          await Promise.resolve()
          step()
        })
        .end()
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([step.calls, sink.bodies.length, exchange.failed]).toEqual([3, 1, false])
  })

  it.each<[string, ErrorHandlerOptions, number[]]>([
    ['fixed', { redeliveryDelay: '2s' }, [2000, 2000, 2000]],
    ['exponential', { useExponentialBackOff: true, backOffMultiplier: 3 }, [1000, 3000, 9000]],
    ['limited', { useExponentialBackOff: true, maximumRedeliveryDelay: 2500 }, [1000, 2000, 2500]],
    ['by pattern', { delayPattern: '0:500;2:4000' }, [500, 4000, 4000]],
    ['varied at random', { useCollisionAvoidance: true, collisionAvoidanceFactor: 0.5 }, [1250, 1250, 1250]],
  ])('waits between tries: %s', async (_, options, expected) => {
    const clock = new FakeClock()
    const times: number[] = []
    const input = await run(
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 3, ...options }))
        .process(() => {
          times.push(clock.monotonic())
          throw new Error('no')
        }),
      { clock, random: () => 0.75 },
    )
    input.bring()
    await clock.advance(60_000)
    expect(times.slice(1).map((time, at) => time - (times[at] as number))).toEqual(expected)
  })

  it('redelivers for ever with -1, and logs only every nth try at the level it is told', async () => {
    const step = failing(7)
    const input = await run(
      from('source:in')
        .errorHandler(retry({ maximumRedeliveries: -1, retryAttemptedLogInterval: 3, retryAttemptedLogLevel: 'warn' }))
        .process(step),
    )
    await input.bring().done
    expect(step.calls).toBe(8)
    expect(log.records.filter(record => record.level === 'warn')).toHaveLength(3)
  })

  it('gives up its waits when the exchange must end, or the route stops and may not go on trying', async () => {
    const input = await run(
      from('source:in')
        .routeId('r')
        .errorHandler(
          defaultErrorHandler({ maximumRedeliveries: -1, redeliveryDelay: 1, allowRedeliveryWhileStopping: false }),
        )
        .process(failing(1_000_000)),
    )
    const { exchange, done } = input.bring()
    await Promise.all([(context as Context).route('r').stop(), done])
    expect(exchange.failed).toBe(true)
  })

  it('refuses unknown and wrong options with their names', () => {
    expect(() => defaultErrorHandler({ maximumRedeliveris: 1 } as object)).toThrow(/maximumRedeliveris/)
    expect(() => defaultErrorHandler({ redeliveryDelay: 'soon' as '1s' })).toThrow(/redeliveryDelay.*must be/)
  })
})

describe('the dead letter channel', () => {
  const channel = (options: DeadLetterOptions = {}) =>
    deadLetterChannel('sink:dead', { redeliveryDelay: 0, ...options })

  it('takes what still fails after the redeliveries; the sender sees no failure', async () => {
    const step = failing(9)
    const input = await run(
      from('source:in')
        .errorHandler(channel({ maximumRedeliveries: 2 }))
        .setBody('changed')
        .process(step)
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('original')
    await done
    expect(step.calls).toBe(3)
    expect(sink.bodies).toEqual(['changed'])
    expect([exchange.failed, exchange.exception, exchange.halt]).toEqual([false, undefined, HALT.handled])
    expect(exchange.getProperty(NAMES.exceptionCaught)).toMatchObject({ message: 'failure 3' })
  })

  it.each<[DeadLetterOptions, unknown, unknown]>([
    [{ useOriginalMessage: true }, 'original', undefined],
    [{ useOriginalBody: true }, 'original', 'later'],
  ])('sends the message as it entered with %o', async (options, body, headerValue) => {
    let letter: unknown[] = []
    sink = sinks({
      send: exchange => {
        letter = [exchange.body, exchange.message.header('h')]
      },
    })
    const input = await run(
      from('source:in').errorHandler(channel(options)).setBody('changed').setHeader('h', 'later').process(failing(9)),
    )
    await input.bring('original').done
    expect(letter).toEqual([body, headerValue])
  })

  it('removes the redelivery headers from what it sends, and makes it InOnly', async () => {
    let names: string[] = []
    let pattern = ''
    sink = sinks({
      send: exchange => {
        names = exchange.message.headers.names()
        pattern = exchange.pattern
      },
    })
    const input = await run(
      from('source:in')
        .errorHandler(channel({ maximumRedeliveries: 1 }))
        .process(failing(9)),
    )
    const { done } = input.bring('x', exchange => {
      exchange.pattern = 'InOut'
      exchange.message.setHeader('mine', 1)
    })
    await done
    expect([names, pattern]).toEqual([['mine'], 'InOnly'])
  })

  it('fails the exchange when the dead letter endpoint fails too, unless told to swallow that', async () => {
    sink = sinks({
      send: () => {
        throw new Error('disk full')
      },
    })
    const input = await run(from('source:in').errorHandler(channel()).process(failing(9)))
    const { exchange } = input.bring('x')
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_DEAD_LETTER_FAILED' })
    await context?.stop()
    const swallowing = await run(
      from('source:in')
        .errorHandler(channel({ deadLetterHandleNewException: true }))
        .process(failing(9)),
    )
    expect(swallowing.bring('x').exchange.failed).toBe(false)
    expect(log.messages.at(-1)).toMatch(/disk full/)
  })

  it('may be a route of the same context', async () => {
    const seen: unknown[] = []
    const input = await run([
      from('source:in').errorHandler(deadLetterChannel('direct:dead')).process(failing(9)),
      from('direct:dead').process(exchange => void seen.push(exchange.getProperty(NAMES.failureRouteId))),
    ])
    expect(input.bring('x').exchange.failed).toBe(false)
    expect(seen).toEqual(['route1'])
  })

  it('refuses useOriginalMessage together with useOriginalBody', () => {
    expect(() => channel({ useOriginalMessage: true, useOriginalBody: true })).toThrow(/not both/)
  })
})
