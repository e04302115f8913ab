import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  type Context,
  type ContextOptions,
  deadLetterChannel,
  type Exchange,
  from,
  header,
  type RouteSource,
  type StandardSchema,
} from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  const started = await running(routes, options)
  context = started.context
  return started
}
afterEach(() => context?.stop())

describe('a predicate', () => {
  it.each([
    ['Simple', "${body} == 'good'"],
    ['a function', (exchange: Exchange) => exchange.body === 'good'],
  ])('in %s lets through what it holds for, without a promise, and fails the rest', async (_, predicate) => {
    const { source, sink } = await run([from('source:in').validate(predicate).to('sink:out')])
    expect(source.bring('good').done).toBeUndefined()
    expect(source.bring('bad').exchange.exception).toMatchObject({ code: 'DROMEDARY_VALIDATION_FAILED' })
    expect(sink.bodies).toEqual(['good'])
  })

  it('is named in the words of Camel', async () => {
    const { source } = await run([
      from('source:in').routeId('r').validate("${body} == 'good'"),
      from('source:header').validate(header('h')),
    ])
    expect(source.bring('bad').exchange.exception).toMatchObject({
      message: "Validation failed for Predicate[${body} == 'good'] at validate1 in route r",
    })
  })

  it('that does not hold is an error like any other', async () => {
    const { source, sink } = await run([
      from('source:in').errorHandler(deadLetterChannel('sink:dead')).validate('${body} > 1').to('sink:out'),
    ])
    for (const n of [1, 2]) source.bring(n)
    expect(sink.bodies).toEqual([1, 2])
    expect(sink.events).toContain('start dead')
  })

  it('may have an error of its own, from a function or a bean', async () => {
    const make = (exchange: Exchange, predicate: string) => new TypeError(`${exchange.body} is not ${predicate}`)
    for (const predicateExceptionFactory of [make, '#make']) {
      const { source } = await run([from('source:in').validate('${body} > 1', { predicateExceptionFactory })], {
        beans: { make },
      })
      expect(source.bring(1).exchange.exception).toEqual(new TypeError('1 is not ${body} > 1'))
      await context?.stop()
    }
  })
})

describe('a schema', () => {
  const order = z.object({ id: z.coerce.number(), lines: z.array(z.object({ sku: z.string() })).default([]) })

  it('gives the body, without a promise', async () => {
    const { source } = await run([from('source:in').validate(order)])
    const { exchange, done } = source.bring({ id: '7', more: 1 })
    expect(done).toBeUndefined()
    expect(exchange.body).toEqual({ id: 7, lines: [] })
  })

  it('says what is wrong and where, and leaves the body', async () => {
    const { source } = await run([from('source:in').routeId('r').validate(order)])
    const bad = { id: 1, lines: [{ sku: 'a' }, { sku: 5 }] }
    const { exchange } = source.bring(bad)
    expect(exchange.exception).toMatchObject({
      code: 'DROMEDARY_VALIDATION_FAILED',
      message: expect.stringMatching(/^Validation failed at validate1 in route r: lines\.1\.sku: /),
    })
    expect(exchange.body).toBe(bad)
  })

  it('says at most five problems, and how many more there are', async () => {
    const { source } = await run([from('source:in').validate(z.array(z.number()))])
    const { exchange } = source.bring(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    const { message } = exchange.exception as Error
    expect(message.match(/ \d: /g)).toHaveLength(5)
    expect(message).toMatch(/; and 2 more$/)
  })

  it('may be of any library, a function, asynchronous, and a bean', async () => {
    const even: StandardSchema<unknown, number> = Object.assign(() => {}, {
      '~standard': {
        version: 1 as const,
        vendor: 'mine',
        validate: async (value: unknown) =>
          Number(value) % 2 === 0
            ? { value: Number(value) }
            : { issues: [{ message: 'is odd', path: [{ key: 'n' }, Symbol('s')] }] },
      },
    })
    const { source } = await run([from('source:in').validate(even)])
    const good = source.bring('4')
    await good.done
    expect(good.exchange.body).toBe(4)
    const bad = source.bring('5')
    await bad.done
    expect(bad.exchange.exception).toMatchObject({ message: expect.stringContaining('n.Symbol(s): is odd') })
    await context?.stop()

    const step = { kind: 'validate', expression: { ref: '#even' } } as const
    const other = await run([{ from: { uri: 'source:in' }, steps: [step] }], { beans: { even } })
    const { exchange, done } = other.source.bring('6')
    await done
    expect(exchange.body).toBe(6)
  })

  it('is not frozen by the definition, and gives its factory its name', async () => {
    const schema = z.string()
    const named: string[] = []
    const { source } = await run([
      from('source:in').validate(schema, {
        predicateExceptionFactory: (_, predicate) => {
          named.push(predicate)
          return new Error('mine')
        },
      }),
    ])
    expect(Object.isFrozen(schema)).toBe(false)
    expect(source.bring(1).exchange.exception).toEqual(new Error('mine'))
    expect(named).toEqual(['zod schema'])
  })

  it('gives its type to the body', () => {
    from('direct:a')
      .validate(order)
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<{ id: number; lines: { sku: string }[] }>())
      .validate('${body.id} > 1')
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<{ id: number; lines: { sku: string }[] }>())
      .validate(exchange => exchange.body.id > 1)
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<{ id: number; lines: { sku: string }[] }>())
  })
})
