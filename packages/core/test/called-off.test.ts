import { afterEach, describe, expect, it } from 'vitest'
import {
  type Context,
  type ContextOptions,
  createContext,
  DromedaryError,
  deadLetterChannel,
  defaultErrorHandler,
  from,
  isCalledOff,
  NAMES,
  noErrorHandler,
  onException,
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
  await context?.stop()
  log = keepingSink()
  context = createContext({ log, ...options, routes: [routes].flat(), components: [component, sink.component] })
  await context.start()
  return source('in')
}
afterEach(async () => {
  await context?.stop()
  context = undefined
  sink = sinks()
})

const CODES = ['DROMEDARY_NOT_LEADER', 'DROMEDARY_NOT_ACCEPTING', 'DROMEDARY_INTERRUPTED']
const levels = () => log.records.map(record => record.level)

describe.each(CODES)('an exchange that was called off with %s', code => {
  const error = new DromedaryError(code, 'called off')
  const wrapped = Object.assign(new Error('it came so', { cause: error }), { code: 'WRAPPER' })

  it.each([
    ['itself', error],
    ['as a cause', wrapped],
  ])('is not redelivered or dead-lettered, ends as failed, and is logged at debug only: %s', async (_, thrown) => {
    let calls = 0
    const input = await run(
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { maximumRedeliveries: 5, redeliveryDelay: 0, logHandled: true }))
        .process(() => {
          calls++
          throw thrown
        }),
    )
    const { exchange, done } = input.bring('x')
    expect(done).toBeUndefined()
    expect([calls, sink.bodies, exchange.failed, exchange.exception]).toEqual([1, [], true, thrown])
    expect(levels()).toEqual(['debug'])
    expect(log.messages[0]).toMatch(/exchange .* was called off at process1/)
  })

  it('goes to no clause that does not name the code', async () => {
    const coded = onException('WRAPPER').handled(true)
    const all = [
      coded,
      onException().handled(true),
      onException(Error).handled(true),
      onException(DromedaryError).handled(true),
    ]
    const asked = onException(() => true).handled(true)
    const input = await run(
      from('source:in')
        .onException(Error)
        .continued(true)
        .end()
        .process(() => {
          throw wrapped
        })
        .to('sink:after'),
      { onException: [...all, asked, onException('DROMEDARY_NO_CONSUMER').handled(true)] },
    )
    const { exchange } = input.bring('x')
    expect([sink.bodies, exchange.exception]).toEqual([[], wrapped])
  })

  it('goes to a clause that names the code, but is not redelivered by it, nor dead-lettered', async () => {
    let calls = 0
    const route = from('source:in')
      .errorHandler(deadLetterChannel('sink:dead'))
      .onException(Error, code)
      .maximumRedeliveries(3)
      .redeliveryDelay(0)
    const fail = () => {
      calls++
      throw error
    }
    const handled = (await run(route.handled(true).setBody('dealt with').end().process(fail))).bring('x').exchange
    expect([calls, handled.body, handled.failed]).toEqual([1, 'dealt with', false])
    const bare = (await run(route.end().process(fail))).bring('x').exchange
    expect([calls, sink.bodies, bare.exception]).toEqual([2, [], error])
    expect(levels()).toEqual(['debug'])
  })

  it('goes to no doCatch that does not name the code; doFinally runs', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(() => {
          throw error
        })
        .doCatch()
        .to('sink:any')
        .doCatch(Error)
        .to('sink:error')
        .doCatch(() => true)
        .to('sink:asked')
        .doFinally()
        .to('sink:finally')
        .end()
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect([sink.bodies, exchange.exception]).toEqual([['x'], error])
    expect(levels()).toEqual(['debug'])
    const named = await run(
      from('source:in')
        .doTry()
        .process(() => {
          throw wrapped
        })
        .doCatch(code)
        .setBody('named')
        .end(),
    )
    expect(named.bring('x').exchange.body).toBe('named')
  })

  it('ends a redelivery that is under way', async () => {
    const failures = [new Error('first'), error]
    let calls = 0
    const input = await run(
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 5, redeliveryDelay: 0 }))
        .process(() => {
          throw failures[calls++]
        }),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([calls, exchange.exception]).toEqual([2, error])
    expect(levels()).toEqual(['debug', 'debug'])
  })

  it('in a route without an error handler ends as failed, and is logged at debug only; a caller redelivers nothing', async () => {
    let calls = 0
    const fail = () => {
      calls++
      throw error
    }
    const input = await run([
      from('source:in').errorHandler(noErrorHandler()).process(fail),
      from('source:two')
        .errorHandler(deadLetterChannel('sink:dead', { maximumRedeliveries: 3, redeliveryDelay: 0 }))
        .to('direct:bare')
        .to('sink:after'),
      from('direct:bare').errorHandler(noErrorHandler()).process(fail),
    ])
    expect(input.bring('x').exchange.exception).toBe(error)
    expect(source('two').bring('x').exchange.exception).toBe(error)
    expect([calls, sink.bodies, levels()]).toEqual([2, [], ['debug', 'debug']])
  })

  it('while its letter was sent fails with it, also where new failures are swallowed', async () => {
    sink = sinks({
      send: () => {
        throw error
      },
    })
    const input = await run(
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { deadLetterHandleNewException: true }))
        .process(() => {
          throw new Error('no')
        }),
    )
    const { exchange } = input.bring('x')
    expect([exchange.failed, exchange.exception]).toEqual([true, error])
    expect(levels()).toEqual(['debug'])
  })

  it('in the steps of a clause fails with it, and is logged at debug only', async () => {
    const input = await run(
      from('source:in')
        .onException(TypeError)
        .handled(true)
        .process(() => {
          throw error
        })
        .end()
        .process(() => {
          throw new TypeError('no')
        }),
    )
    const { exchange } = input.bring('x')
    expect(exchange.exception).toBe(error)
    expect(levels()).toEqual(['debug'])
  })

  it('says so to whoever asks', async () => {
    expect([isCalledOff(error), isCalledOff(wrapped)]).toEqual([true, true])
  })
})

it('a failure of the message is none of these', () => {
  expect(isCalledOff(new DromedaryError('DROMEDARY_NO_CONSUMER', 'no'))).toBe(false)
  expect(isCalledOff(Object.assign(new Error('no'), { code: 'DROMEDARY_NOT_LEADER' }))).toBe(false)
  const circle = new Error('round')
  circle.cause = new Error('and round', { cause: circle })
  expect([undefined, null, 'text', circle].map(isCalledOff)).toEqual([false, false, false, false])
})

it('a refused send of a leader that has lost is called off: at debug, with the properties that say where', async () => {
  sink = sinks({ external: true })
  const input = await run(from('source:in').errorHandler(deadLetterChannel('sink:dead')).to('sink:out'))
  const { exchange } = input.bring('x', brought => {
    brought.guard = { accepts: () => false, isValid: () => false }
  })
  expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_LEADER' })
  expect(exchange.getProperty(NAMES.failureNodeId)).toBe('to1')
  expect([sink.bodies, levels()]).toEqual([[], ['debug']])
})
