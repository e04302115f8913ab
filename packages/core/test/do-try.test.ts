import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import {
  type Context,
  type ContextOptions,
  createContext,
  DromedaryError,
  deadLetterChannel,
  defaultErrorHandler,
  type Exchange,
  from,
  HALT,
  NAMES,
  noErrorHandler,
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

class OrderError extends Error {}
class LateOrderError extends OrderError {}

const throwing = (error: unknown) => () => {
  throw error
}
const rejecting = (error: unknown) => async () => {
  await Promise.resolve()
  throw error
}
/** Ways in which a step may fail. */
const ways = [
  ['at once', throwing],
  ['later', rejecting],
] as const

describe.each(ways)('a step that fails %s', (_, failing) => {
  it('goes to doCatch, in which the exchange has not failed; then the route goes on', async () => {
    const error = new OrderError('no stock')
    const seen: unknown[] = []
    const input = await run(
      from('source:in')
        .doTry()
        .to('sink:before')
        .process(failing(error))
        .to('sink:skipped')
        .doCatch(OrderError)
        .process(exchange => {
          seen.push(exchange.failed, exchange.exception, exchange.getProperty(NAMES.exceptionCaught))
        })
        .setBody('caught ${exception.message}')
        .end()
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(seen).toEqual([false, undefined, error])
    expect(sink.bodies).toEqual(['x', 'caught no stock'])
    expect([exchange.failed, exchange.getProperty(NAMES.exceptionCaught)]).toEqual([false, error])
    expect(exchange.getProperty(NAMES.failureRouteId)).toBe('route1')
    expect(exchange.getProperty(NAMES.failureNodeId)).toBe('process1')
    expect(exchange.getProperty(NAMES.failureEndpoint)).toBe('sink://before')
  })

  it('runs doFinally, in which the exchange has not failed, and fails with the same error after it', async () => {
    const error = new Error('no')
    const seen: unknown[] = []
    const input = await run(
      from('source:in')
        .doTry()
        .process(failing(error))
        .doFinally()
        .process(exchange => {
          seen.push(exchange.exception, exchange.getProperty(NAMES.exceptionCaught))
        })
        .to('sink:finally')
        .end()
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(seen).toEqual([undefined, error])
    expect(sink.bodies).toEqual(['x'])
    expect(exchange.exception).toBe(error)
    expect(exchange.getProperty(NAMES.failureNodeId)).toBe('process1')
  })

  it('runs doFinally when the clause fails too, and the failure of the clause goes on', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(throwing(new Error('first')))
        .doCatch(Error)
        .process(failing(new Error('second')))
        .doFinally()
        .to('sink:finally')
        .end(),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(exchange.exception).toMatchObject({ message: 'second' })
    expect(sink.bodies).toEqual(['x'])
  })

  it('in doFinally replaces the failure before it', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(throwing(new Error('first')))
        .doFinally()
        .process(failing(new Error('last')))
        .end(),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(exchange.exception).toMatchObject({ message: 'last' })
  })

  it('is found in blocks inside of the try', async () => {
    const input = await run(
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 5, redeliveryDelay: 0 }))
        .doTry()
        .filter('${body} != null')
        .process(failing(new Error('no')))
        .end()
        .to('sink:skipped')
        .doCatch()
        .to('sink:caught')
        .end(),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([sink.bodies, exchange.failed]).toEqual([['x'], false])
  })
})

describe('a route with doTry', () => {
  it('stays synchronous while its steps do', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(throwing(new Error('no')))
        .doCatch(Error)
        .setBody('caught')
        .doFinally()
        .to('sink:finally')
        .end()
        .to('sink:after'),
    )
    const { done } = input.bring('x')
    expect(done).toBeUndefined()
    expect(sink.bodies).toEqual(['caught', 'caught'])
  })

  it('runs no clause, but doFinally, when nothing fails', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .setBody('done')
        .doCatch(Error)
        .setBody('caught')
        .doFinally()
        .to('sink:finally')
        .end()
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect(sink.bodies).toEqual(['done', 'done'])
    expect(exchange.getProperty(NAMES.exceptionCaught)).toBeUndefined()
  })

  it('waits for asynchronous steps in every part', async () => {
    const later = (name: string) => async (exchange: Exchange) => {
      await new Promise(resolve => setImmediate(resolve))
      exchange.body = `${exchange.body} ${name}`
    }
    const input = await run(
      from('source:in')
        .doTry()
        .process(later('try'))
        .process(throwing(new Error('no')))
        .doCatch(Error)
        .process(later('catch'))
        .doFinally()
        .process(later('finally'))
        .end()
        .to('sink:after'),
    )
    await input.bring('x').done
    expect(sink.bodies).toEqual(['x try catch finally'])
  })

  it('does the same while somebody listens to its exchanges', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(throwing(new Error('no')))
        .doCatch(Error)
        .setBody('caught')
        .doFinally()
        .to('sink:finally')
        .end()
        .to('sink:after'),
    )
    const steps: unknown[] = []
    const listening = context?.exchanges.subscribe(event => {
      if (event.type === 'step') steps.push([event.stepId, event.error instanceof Error])
    })
    const { exchange, done } = input.bring('x')
    await done
    listening?.unsubscribe()
    expect([sink.bodies, exchange.failed]).toEqual([['caught', 'caught'], false])
    expect(steps).toContainEqual(['process1', true])
    expect(steps).toContainEqual(['doTry1', false])
  })

  it('keeps its exchanges apart when they overlap', async () => {
    const releases: (() => void)[] = []
    const input = await run(
      from('source:in')
        .doTry()
        .process(() => new Promise<void>(resolve => void releases.push(resolve)))
        .process(exchange => {
          if (exchange.body === 'bad') throw new Error('bad')
        })
        .doCatch(Error)
        .setBody('caught')
        .end()
        .to('sink:after'),
    )
    const brought = ['bad', 'good'].map(body => input.bring(body).done)
    releases[1]?.()
    await brought[1]
    releases[0]?.()
    await brought[0]
    expect(sink.bodies).toEqual(['good', 'caught'])
  })
})

describe('doCatch', () => {
  const caughtBy = (error: unknown) => async (build: (at: ReturnType<typeof tryIt>) => RouteSource) => {
    const input = await run(build(tryIt(error)))
    const { exchange } = input.bring('x')
    return exchange.failed ? 'nobody' : exchange.body
  }
  const tryIt = (error: unknown) => from('source:in').doTry().process(throwing(error))

  it('takes the class that fits exactly, then the closest above, whatever the order', async () => {
    const by = caughtBy(new LateOrderError('late'))
    expect(
      await by(t =>
        t
          .doCatch(Error)
          .setBody('error')
          .doCatch(OrderError)
          .setBody('order')
          .doCatch(LateOrderError)
          .setBody('late')
          .end(),
      ),
    ).toBe('late')
    await context?.stop()
    expect(
      await by(t =>
        t.doCatch().setBody('any').doCatch(Error).setBody('error').doCatch(OrderError).setBody('order').end(),
      ),
    ).toBe('order')
    await context?.stop()
    expect(await by(t => t.doCatch().setBody('any').doCatch(Error).setBody('error').end())).toBe('error')
    await context?.stop()
    expect(await by(t => t.doCatch(TypeError).setBody('type').doCatch().setBody('any').end())).toBe('any')
    await context?.stop()
    expect(await by(t => t.doCatch(TypeError).setBody('type').end())).toBe('nobody')
  })

  it('looks at the causes, the innermost first', async () => {
    const error = new OrderError('outer', { cause: new TypeError('inner') })
    expect(
      await caughtBy(error)(t => t.doCatch(OrderError).setBody('outer').doCatch(TypeError).setBody('inner').end()),
    ).toBe('inner')
    await context?.stop()
    expect(await caughtBy(error)(t => t.doCatch(OrderError).setBody('outer').end())).toBe('outer')
  })

  it('may name a code, of Dromedary or not, or ask a function', async () => {
    const coded = new DromedaryError('DROMEDARY_NO_CONVERTER', 'no')
    expect(
      await caughtBy(coded)(t =>
        t.doCatch(Error).setBody('error').doCatch('DROMEDARY_NO_CONVERTER').setBody('code').end(),
      ),
    ).toBe('code')
    await context?.stop()
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    expect(await caughtBy(refused)(t => t.doCatch('ETIMEDOUT', 'ECONNREFUSED').setBody('code').end())).toBe('code')
    await context?.stop()
    const isRefused = (error: unknown) => (error as Error).message === 'refused'
    expect(
      await caughtBy(refused)(t => t.doCatch(Error).setBody('error').doCatch(isRefused).setBody('asked').end()),
    ).toBe('asked')
  })

  it('takes what is no error: by a class, a function, or without saying which', async () => {
    expect(await caughtBy('text')(t => t.doCatch(Error).setBody('error').doCatch().setBody('any').end())).toBe('any')
    await context?.stop()
    expect(
      await caughtBy(undefined)(t =>
        t
          .doCatch(e => e === undefined)
          .setBody('asked')
          .end(),
      ),
    ).toBe('asked')
  })

  it('with onWhen holds only for exchanges that match', async () => {
    const by = caughtBy(new Error('busy'))
    expect(
      await by(t =>
        t
          .doCatch(Error)
          .onWhen("${exception.message} == 'idle'")
          .setBody('first')
          .doCatch(Error)
          .setBody('second')
          .end(),
      ),
    ).toBe('second')
    await context?.stop()
    expect(
      await by(t =>
        t
          .doCatch(Error)
          .onWhen("${exception.message} == 'busy'")
          .setBody('first')
          .doCatch(Error)
          .setBody('second')
          .end(),
      ),
    ).toBe('first')
  })

  it('passes over a clause whose onWhen fails, and says so', async () => {
    const by = caughtBy(new Error('busy'))
    const when = () => {
      throw new Error('broken')
    }
    expect(await by(t => t.doCatch(Error).onWhen(when).setBody('first').doCatch().setBody('second').end())).toBe(
      'second',
    )
    expect(log.messages.join()).toMatch(/warn route1: onWhen failed .* broken/)
  })
})

describe('the error handler of the route', () => {
  it('redelivers nothing inside, nor the block as a whole, but gets what nobody caught', async () => {
    let calls = 0
    const input = await run(
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { maximumRedeliveries: 3, redeliveryDelay: 0 }))
        .doTry()
        .process(() => {
          calls++
          throw new TypeError('no')
        })
        .doCatch(RangeError)
        .to('sink:caught')
        .end()
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(calls).toBe(1)
    expect([sink.bodies, exchange.failed]).toEqual([['x'], false])
    expect(exchange.getProperty(NAMES.failureNodeId)).toBe('process1')
  })

  it.each([
    [
      'doCatch',
      (at: ReturnType<typeof failed>) =>
        at
          .doCatch(Error)
          .process(throwing(new TypeError('new')))
          .end(),
    ],
    [
      'doFinally',
      (at: ReturnType<typeof failed>) =>
        at
          .doFinally()
          .process(throwing(new TypeError('new')))
          .end(),
    ],
  ])('gets what fails in %s, once', async (_, close) => {
    const input = await run(close(failed()))
    const { exchange, done } = input.bring('x')
    await done
    expect([sink.bodies, exchange.failed]).toEqual([['x'], false])
    expect(exchange.getProperty(NAMES.exceptionCaught)).toMatchObject({ message: 'new' })
  })
  const failed = () =>
    from('source:in')
      .errorHandler(deadLetterChannel('sink:dead', { maximumRedeliveries: 3, redeliveryDelay: 0 }))
      .doTry()
      .process(exchange => {
        if (exchange.body === 'x') throw new Error('old')
      })

  it('gets what fails in doFinally alone', async () => {
    const input = await run(
      failed()
        .doFinally()
        .process(throwing(new TypeError('new')))
        .end(),
    )
    expect(input.bring('y').exchange.failed).toBe(false)
    expect(sink.bodies).toEqual(['y'])
  })

  it('has no part in a failure that a step only set; doCatch has', async () => {
    const error = new Error('set')
    const input = await run(
      from('source:in')
        .doTry()
        .process(exchange => exchange.fail(error))
        .doCatch(Error)
        .setBody('${exception.message}')
        .end()
        .to('sink:after'),
    )
    input.bring('x')
    expect(sink.bodies).toEqual(['set'])
  })

  it('has its turn first in a route that is called; then doCatch has', async () => {
    let calls = 0
    const input = await run([
      from('source:in').doTry().to('direct:called').doCatch(Error).setBody('caught').end().to('sink:after'),
      from('direct:called')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 2, redeliveryDelay: 0 }))
        .process(() => {
          calls++
          throw new Error('no')
        }),
    ])
    await input.bring('x').done
    expect([calls, sink.bodies]).toEqual([3, ['caught']])
  })

  it('has no second turn for what a called route has failed with', async () => {
    const input = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead'))
        .doTry()
        .to('direct:called')
        .doFinally()
        .to('sink:finally')
        .end(),
      from('direct:called')
        .errorHandler(defaultErrorHandler())
        .process(throwing(new Error('no'))),
    ])
    const { exchange } = input.bring('x')
    expect([sink.bodies, exchange.failed]).toEqual([['x'], true])
  })

  it('may be missing: then the failure goes to the caller', async () => {
    const input = await run([
      from('source:in').doTry().to('direct:called').doCatch(TypeError).setBody('caught').end().to('sink:after'),
      from('direct:called')
        .errorHandler(noErrorHandler())
        .doTry()
        .process(throwing(new TypeError('no')))
        .doCatch(RangeError)
        .setBody('wrong')
        .end(),
    ])
    input.bring('x')
    expect(sink.bodies).toEqual(['caught'])
  })
})

describe('stop()', () => {
  it('in the try ends the exchange, after doFinally', async () => {
    const input = await run(from('source:in').doTry().stop().doFinally().to('sink:finally').end().to('sink:after'))
    const { exchange } = input.bring('x')
    expect([sink.bodies, exchange.failed]).toEqual([['x'], false])
  })

  it('in a clause ends the exchange as completed, after doFinally', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(throwing(new Error('no')))
        .doCatch(Error)
        .stop()
        .doFinally()
        .to('sink:finally')
        .end()
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect([sink.bodies, exchange.failed]).toEqual([['x'], false])
  })

  it('before a failure that is caught still ends the exchange', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(exchange => {
          exchange.halt |= HALT.stop
          throw new Error('no')
        })
        .doCatch(Error)
        .to('sink:caught')
        .end()
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect([sink.bodies, exchange.failed]).toEqual([['x'], false])
  })

  it('in doFinally does not swallow a failure', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(throwing(new Error('no')))
        .doFinally()
        .stop()
        .end()
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect([sink.bodies, exchange.failed]).toEqual([[], true])
  })
})

describe('nested', () => {
  it('what the inner one does not catch goes to the outer one, after the inner doFinally', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .doTry()
        .process(throwing(new TypeError('no')))
        .doCatch(RangeError)
        .setBody('wrong')
        .doFinally()
        .to('sink:inner')
        .end()
        .to('sink:skipped')
        .doCatch(TypeError)
        .setBody('outer')
        .doFinally()
        .to('sink:outer')
        .end()
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect(sink.bodies).toEqual(['x', 'outer', 'outer'])
    expect(exchange.getProperty(NAMES.failureNodeId)).toBe('process1')
  })

  it('in a clause', async () => {
    const input = await run(
      from('source:in')
        .doTry()
        .process(throwing(new Error('first')))
        .doCatch(Error)
        .doTry()
        .process(throwing(new Error('second')))
        .doCatch(Error)
        .setBody('${exception.message}')
        .end()
        .end()
        .to('sink:after'),
    )
    input.bring('x')
    expect(sink.bodies).toEqual(['second'])
  })
})

describe('written wrongly', () => {
  const untyped = (builder: unknown) => builder as Record<string, (...args: unknown[]) => never>
  const definition = (builder: unknown) => () => (builder as { definition: unknown }).definition

  it('is refused when the route is written', () => {
    const begun = () => untyped(from('direct:a').doTry().stop())
    expect(definition(begun().end?.())).toThrow(/needs a doCatch/)
    expect(definition(untyped(from('direct:a')).doCatch?.(Error))).toThrow(/doCatch\(\) belongs into doTry/)
    expect(definition(untyped(from('direct:a')).onWhen?.('x'))).toThrow(/onWhen\(\) follows doCatch/)
    expect(definition(untyped(untyped(begun().doCatch?.(Error)).stop?.()).onWhen?.('x'))).toThrow(
      /before the first step/,
    )
    expect(definition(untyped(begun().doFinally?.()).doCatch?.(Error))).toThrow(/behind doFinally/)
  })

  it('is plain data otherwise', () => {
    const route = from('direct:a').doTry().stop().doCatch('CODE').onWhen('${body}').stop().doFinally().stop().end()
    expect(JSON.parse(JSON.stringify(route.definition.steps))).toEqual([
      {
        kind: 'doTry',
        steps: [{ kind: 'stop' }],
        doCatch: [
          { exception: ['CODE'], onWhen: { language: 'simple', expression: '${body}' }, steps: [{ kind: 'stop' }] },
        ],
        doFinally: { steps: [{ kind: 'stop' }] },
      },
    ])
  })
})

describe('the compiler', () => {
  it('knows which bodies may come out of the block, and what may stand where', () => {
    from('direct:a')
      .setBody(() => 1)
      .doTry()
      .setBody(() => 'text')
      .doCatch(OrderError)
      .onWhen('${body}')
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<unknown>())
      .setBody(() => true)
      .doFinally()
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<string | boolean>())
      .end()
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<string | boolean>())
    // @ts-expect-error a try ends in a clause
    void from('direct:a').doTry().stop().end
    // @ts-expect-error onWhen() stands before the steps
    void from('direct:a').doTry().doCatch().stop().onWhen
    // @ts-expect-error the last clause is the last
    void from('direct:a').doTry().doFinally().doCatch
  })
})
