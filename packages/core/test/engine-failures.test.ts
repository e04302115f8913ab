import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import {
  type Context,
  type ContextOptions,
  createContext,
  deadLetterChannel,
  defaultErrorHandler,
  from,
  noErrorHandler,
  type RouteSource,
} from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

let input = sources()
let sink = sinks()
let log = keepingSink()
let context: Context

async function run(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  log = keepingSink()
  context = createContext({ log, ...options, routes, components: [input.component, sink.component] })
  await context.start()
  return input.source('in')
}
beforeEach(() => {
  input = sources()
  sink = sinks()
})
afterEach(() => context.stop())

const throwing = (what: unknown) => () => {
  throw what
}

describe('whatever a step throws', () => {
  it.each([
    ['an object without a prototype', Object.create(null)],
    ['an error whose message is no text', Object.assign(new Error(), { message: { a: 1 } })],
    ['an object whose text cannot be had', { toString: throwing(new Error('no text')) }],
    ['undefined', undefined],
  ])('%s: the exchange ends, is counted, and goes to the dead letter endpoint', async (_, what) => {
    const source = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { logHandled: true }))
        .process(throwing(what)),
      from('source:bare').errorHandler(noErrorHandler()).process(throwing(what)),
    ])
    expect(source.bring('x').exchange.failed).toBe(false)
    expect(sink.bodies).toEqual(['x'])
    expect(input.source('bare').bring('x').exchange.failed).toBe(true)
    expect(context.routes.map(route => route.statistics.inFlight)).toEqual([0, 0])
  })
})

it('waits for a foreign thenable, whatever its then() returns', async () => {
  const thenable = (value: unknown) => ({ then: (resolve: (to: unknown) => void) => void setImmediate(resolve, value) })
  const late = () => thenable('late')
  const source = await run([
    from('source:in')
      .setBody(late)
      .bean(late)
      .delay(() => thenable(1))
      .to('sink:out'),
  ])
  await source.bring('early').done
  expect(sink.bodies).toEqual(['late'])
})

it('a failed exchange whose callbacks still run counts as in flight, not as completed', async () => {
  const source = await run([from('source:in').process(throwing(new Error('no')))])
  const { done } = source.bring('x', exchange => exchange.unitOfWork.addSynchronization({ onFailure: async () => {} }))
  expect(context.routes[0]?.statistics).toMatchObject({ completed: 0, failed: 0, inFlight: 1 })
  await done
  expect(context.routes[0]?.statistics).toMatchObject({ completed: 0, failed: 1, inFlight: 0 })
})

describe('a dead letter', () => {
  it('that fails under the same error handler is not sent round in a circle', async () => {
    const source = await run(
      [
        from('source:in').process(throwing(new Error('first'))),
        from('direct:dead')
          .routeId('dead')
          .process(throwing(new Error('second'))),
      ],
      { errorHandler: deadLetterChannel('direct:dead') },
    )
    const { exchange } = source.bring('x')
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_DEAD_LETTER_FAILED', message: /second.*first/ })
    expect(context.route('dead').statistics.total).toBe(1)
  })

  it('is not sent round in a circle of two routes either', async () => {
    const source = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('direct:a'))
        .process(throwing(new Error('no'))),
      from('direct:a')
        .routeId('a')
        .errorHandler(deadLetterChannel('direct:b'))
        .process(throwing(new Error('no'))),
      from('direct:b')
        .routeId('b')
        .errorHandler(deadLetterChannel('direct:a'))
        .process(throwing(new Error('no'))),
    ])
    expect(source.bring('x').exchange.failed).toBe(true)
    expect(['a', 'b'].map(id => context.route(id).statistics.total)).toEqual([1, 1])
  })

  it.each([
    ['at once', throwing(new Error('no'))],
    ['later', () => Promise.reject(new Error('no'))],
  ])('that cannot be sent, %s, ends its unit of work as a failure', async (_, fail) => {
    const ends: string[] = []
    sink = sinks({
      send: letter => {
        letter.unitOfWork.addSynchronization({
          onComplete: () => void ends.push('complete'),
          onFailure: () => void ends.push('failure'),
        })
        return fail()
      },
    })
    const source = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead'))
        .process(throwing(new Error('no'))),
    ])
    const { exchange, done } = source.bring('x')
    await done
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_DEAD_LETTER_FAILED' })
    expect(ends).toEqual(['failure'])
  })

  it('has the message as it entered its own route, not one that this route called', async () => {
    const source = await run(
      [
        from('source:in')
          .setBody('changed')
          .to('direct:called')
          .process(throwing(new Error('no'))),
        from('direct:called').setBody('called'),
      ],
      { errorHandler: deadLetterChannel('sink:dead', { useOriginalMessage: true }) },
    )
    source.bring('original')
    expect(sink.bodies).toEqual(['original'])
  })
})

it('a redelivery is not tried when the route began to stop during its wait, unless that is allowed', async () => {
  const clock = new FakeClock()
  let tries = 0
  const source = await run(
    [
      from('source:in')
        .errorHandler(
          defaultErrorHandler({ maximumRedeliveries: 9, redeliveryDelay: '1s', allowRedeliveryWhileStopping: false }),
        )
        .process(() => {
          tries++
          throw new Error('no')
        }),
    ],
    { clock },
  )
  const { done } = source.bring('x')
  const stopping = context.stop()
  await clock.advance(1001)
  await Promise.all([done, stopping])
  expect(tries).toBe(1)
})
