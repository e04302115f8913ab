import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Exchange, from, HALT, NAMES, noErrorHandler, onException } from '../src/index.ts'
import { stage, throwing } from './support/stage.ts'

const { log, run, sink, source } = stage()

class OrderError extends Error {}

describe('a clause of a route', () => {
  it('runs its steps when its kind of failure comes, and the failure goes on to the sender', async () => {
    const error = new OrderError('no stock')
    const seen: unknown[] = []
    const input = await run(
      from('source:in')
        .onException(OrderError)
        .process(exchange => {
          seen.push(exchange.exception, exchange.failed, exchange.getProperty(NAMES.exceptionCaught))
        })
        .to('sink:clause')
        .end()
        .to('sink:before')
        .process(throwing(error))
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('x')
    expect(done).toBeUndefined()
    expect(seen).toEqual([undefined, false, error])
    expect(sink.bodies).toEqual(['x', 'x'])
    expect([exchange.failed, exchange.exception]).toEqual([true, error])
    expect(exchange.getProperty(NAMES.failureRouteId)).toBe('route1')
    expect(exchange.getProperty(NAMES.failureNodeId)).toBe('process1')
    expect(exchange.getProperty(NAMES.failureEndpoint)).toBe('sink://before')
  })

  it('leaves other failures alone, and other routes', async () => {
    const input = await run([
      from('source:in')
        .onException(OrderError)
        .handled(true)
        .to('sink:clause')
        .end()
        .process(throwing(new TypeError('no'))),
      from('source:other').process(throwing(new OrderError('no'))),
    ])
    expect(input.bring('x').exchange.failed).toBe(true)
    expect(source('other').bring('x').exchange.failed).toBe(true)
    expect(sink.bodies).toEqual([])
  })

  it('waits for asynchronous steps, and takes asynchronous failures', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled(true)
        .process(async exchange => {
          await new Promise(resolve => setImmediate(resolve))
          exchange.body = 'apology'
        })
        .end()
        .process(async () => {
          throw new Error('no')
        }),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([exchange.body, exchange.failed]).toEqual(['apology', false])
  })

  it('takes failures of steps in blocks', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled(true)
        .to('sink:clause')
        .end()
        .filter('${body}')
        .process(throwing(new Error('no')))
        .end()
        .to('sink:after'),
    )
    input.bring('x')
    expect(sink.bodies).toEqual(['x'])
  })
})

describe('handled', () => {
  it('true: the sender sees no failure and gets what the steps made; the route ends', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled(true)
        .setBody('sorry')
        .end()
        .process(throwing(new Error('no')))
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect([exchange.body, exchange.failed, exchange.exception]).toEqual(['sorry', false, undefined])
    expect(exchange.halt).toBe(HALT.handled)
    expect(sink.bodies).toEqual([])
    expect(log.messages).toEqual([])
  })

  it('false is what holds without it', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled(false)
        .end()
        .process(throwing(new Error('no'))),
    )
    expect(input.bring('x').exchange.failed).toBe(true)
    expect(log.messages).toHaveLength(1)
  })

  it('may be a condition, asked when nothing more is tried', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled("${exception.message} == 'small'")
        .end()
        .process(exchange => {
          throw new Error(String(exchange.body))
        }),
    )
    expect(input.bring('small').exchange.failed).toBe(false)
    expect(input.bring('big').exchange.failed).toBe(true)
  })

  it('that cannot be worked out counts as false, and says so', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled(throwing(new Error('broken')) as never)
        .end()
        .process(throwing(new Error('no'))),
    )
    expect(input.bring('x').exchange.exception).toMatchObject({ message: 'no' })
    expect(log.messages.join()).toMatch(/handled failed .* broken/)
  })
})

describe('continued', () => {
  it('true: the route goes on after the step that failed, with what the steps made', async () => {
    const error = new Error('no')
    const input = await run(
      from('source:in')
        .onException(Error)
        .continued(true)
        .setBody('instead')
        .end()
        .process(throwing(error))
        .to('sink:after'),
    )
    const { exchange } = input.bring('x')
    expect(sink.bodies).toEqual(['instead'])
    expect([exchange.failed, exchange.getProperty(NAMES.exceptionCaught)]).toEqual([false, error])
    expect(log.messages).toEqual([])
  })

  it('needs no steps, and may be a condition', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .continued("${body} == 'go'")
        .end()
        .process(throwing(new Error('no')))
        .to('sink:after'),
    )
    input.bring('go')
    expect(input.bring('no').exchange.failed).toBe(true)
    expect(sink.bodies).toEqual(['go'])
  })

  it('goes on after a step of a block, within the block', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .continued(true)
        .end()
        .filter('${body}')
        .process(throwing(new Error('no')))
        .to('sink:inside')
        .end()
        .to('sink:after'),
    )
    input.bring('x')
    expect(sink.bodies).toEqual(['x', 'x'])
  })

  it('does not go on when the steps said stop()', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .continued(true)
        .stop()
        .end()
        .process(throwing(new Error('no')))
        .to('sink:after'),
    )
    expect(input.bring('x').exchange.failed).toBe(false)
    expect(sink.bodies).toEqual([])
  })

  it('is not for one that is handled', () => {
    expect(() => onException(Error).handled(true).continued(true).definition).toThrow(/not both/)
  })
})

describe('a clause of the context', () => {
  it('holds in every route, also in their own step ids, but for those without an error handler', async () => {
    const clause = onException(OrderError)
      .handled(true)
      .process(() => {})
      .id('mine')
      .to('sink:clause')
    const input = await run(
      [
        from('source:in').process(throwing(new OrderError('no'))),
        from('source:two').process(throwing(new OrderError('no'))),
        from('source:bare')
          .errorHandler(noErrorHandler())
          .process(throwing(new OrderError('no'))),
      ],
      { onException: [clause.definition] },
    )
    input.bring('one')
    source('two').bring('two')
    expect(sink.bodies).toEqual(['one', 'two'])
    expect(source('bare').bring('x').exchange.failed).toBe(true)
  })

  it('is the same definition that a route makes of the same verbs', () => {
    const verbs = <T extends { handled(d: boolean): unknown }>(begun: T) => begun
    const alone = verbs(onException(OrderError)).handled(true).maximumRedeliveries(2).useOriginalBody().stop()
    const inRoute = from('direct:a')
      .onException(OrderError)
      .handled(true)
      .maximumRedeliveries(2)
      .useOriginalBody()
      .stop()
      .end()
    expect(inRoute.definition.onException).toEqual([alone.definition])
    expect(Object.isFrozen(alone.definition)).toBe(true)
    expect(JSON.parse(JSON.stringify(onException('CODE').handled(true)))).toEqual({
      exception: ['CODE'],
      handled: { language: 'constant', value: true },
      redeliveryPolicy: {},
      useOriginalMessage: false,
      useOriginalBody: false,
      steps: [],
    })
  })
})

describe('the original message', () => {
  it('is what the steps get, whole or only its body', async () => {
    const seen: unknown[] = []
    const look = (exchange: Exchange) => void seen.push([exchange.body, exchange.message.header('h')])
    const rest = (at: ReturnType<typeof begun>) =>
      at
        .process(look)
        .end()
        .setBody('changed')
        .setHeader('h', 'later')
        .process(throwing(new Error('no')))
    const begun = () => from('source:in').onException(Error).handled(true)
    ;(await run(rest(begun()))).bring('original')
    ;(await run(rest(begun().useOriginalMessage()))).bring('original')
    ;(await run(rest(begun().useOriginalBody()))).bring('original')
    expect(seen).toEqual([
      ['changed', 'later'],
      ['original', undefined],
      ['original', 'later'],
    ])
  })

  it('is asked for whole or as its body, not both', () => {
    expect(() => onException(Error).useOriginalMessage().useOriginalBody().definition).toThrow(/not both/)
  })
})

describe('the log', () => {
  const route = (policy: object, verb: 'handled' | 'continued' = 'handled') =>
    from('source:in')
      .onException(Error)
      [verb](true)
      .redeliveryPolicy(policy)
      .end()
      .process(throwing(new Error('no')))

  it('speaks of what was handled or continued only when told', async () => {
    for (const [options, verb] of [
      [{ logHandled: true }, 'handled'],
      [{ logContinued: true }, 'continued'],
    ] as const) {
      ;(await run(route({}, verb))).bring('x')
      expect(log.messages).toEqual([])
      ;(await run(route(options, verb))).bring('x')
      expect(log.messages).toEqual([expect.stringMatching(/^error route1: exchange .* failed at process1: no$/)])
    }
  })

  it('says nothing of a new failure when told', async () => {
    const failingClause = (logNewException: boolean) =>
      from('source:in')
        .onException(OrderError)
        .handled(true)
        .redeliveryPolicy({ logNewException })
        .process(throwing(new Error('new')))
        .end()
        .process(throwing(new OrderError('old')))
    ;(await run(failingClause(true))).bring('x')
    expect(log.messages).toHaveLength(1)
    ;(await run(failingClause(false))).bring('x')
    expect(log.messages).toEqual([])
  })

  it('uses the level of the clause', async () => {
    const quiet = from('source:in')
      .onException(Error)
      .redeliveryPolicy({ retriesExhaustedLogLevel: 'info' })
      .end()
      .process(throwing(new Error('no')))
    ;(await run(quiet)).bring('x')
    expect(log.records.map(record => record.level)).toEqual(['info'])
  })
})

describe('written wrongly', () => {
  const definition = (builder: unknown) => () => (builder as { definition: unknown }).definition
  const untyped = (builder: unknown) => builder as Record<string, (...args: unknown[]) => never>

  it('is refused when the route is written', () => {
    expect(definition(from('direct:a').stop().onException(Error).stop().end())).toThrow(
      /onException\(\) stands before the steps/,
    )
    expect(definition(untyped(from('direct:a')).handled?.(true))).toThrow(/handled\(\) follows onException/)
    expect(definition(untyped(untyped(from('direct:a').onException(Error)).stop?.()).handled?.(true))).toThrow(
      /before the first step/,
    )
    expect(definition(untyped(untyped(onException(Error)).end?.()).stop?.())).toThrow(/behind the end/)
    expect(() => onException(Error).redeliveryPolicy({ maximumRedeliveris: 1 } as object).definition).toThrow(
      /maximumRedeliveris/,
    )
    expect(() => onException(Error).redeliveryDelay('soon' as '1s').definition).toThrow(/redeliveryDelay/)
  })

  it('is refused at start where there is no error handler', async () => {
    const route = from('source:in').errorHandler(noErrorHandler()).onException(Error).end().to('sink:after')
    await expect(run(route)).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_ROUTE', message: /noErrorHandler/ })
  })
})

describe('the compiler', () => {
  it('leaves the body of the route as it was, and what may stand where', () => {
    from('direct:a')
      .onException(Error)
      .handled(exchange => exchange.message.hasHeaders())
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<unknown>())
      .setBody(() => 1)
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<number>())
      .end()
      .setBody(() => 'text')
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<string>())
    // @ts-expect-error what is said of a clause stands before its steps
    void from('direct:a').onException(Error).stop().handled
    // @ts-expect-error a clause of a context has no route to go back to
    void onException(Error).end
    // @ts-expect-error clauses belong to the route, not into its blocks
    void from('direct:a').filter('x').onException
  })
})
