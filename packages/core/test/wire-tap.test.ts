import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import {
  body,
  type Context,
  type ContextOptions,
  constant,
  deadLetterChannel,
  defaultErrorHandler,
  direct,
  type Exchange,
  from,
  NAMES,
  noErrorHandler,
  type RouteSource,
} from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  const started = await running(routes, options)
  context = started.context
  return started
}
afterEach(() => context?.stop())

describe('what is tapped', () => {
  it('is a copy, InOnly, that shares the body alone', async () => {
    let tapped!: Exchange
    const { source } = await run([
      from('source:in')
        .setHeader('h', constant(1))
        .wireTap('direct:tap')
        .process(exchange => expect(exchange.message.header('h')).toBe(1)),
      from('direct:tap').process(exchange => {
        tapped = exchange
        exchange.message.setHeader('h', 2)
      }),
    ])
    const value = { deep: 1 }
    const { exchange, done } = source.bring(value, it => {
      it.pattern = 'InOut'
    })
    await done
    expect(exchange.exception).toBeUndefined()
    expect(tapped.body).toBe(value)
    expect(tapped.pattern).toBe('InOnly')
    expect(tapped.id).not.toBe(exchange.id)
    expect(tapped.getProperty('CamelCorrelationId')).toBe(exchange.id)
  })

  it('is empty with copy false, but for what is prepared', async () => {
    const { source, sink } = await run([
      from('source:in').wireTap('sink:tap', {
        copy: false,
        onPrepare: async tap => {
          expect(tap.message.hasHeaders()).toBe(false)
          tap.body = `made for ${tap.body}`
        },
      }),
    ])
    await source.bring('x', it => void it.message.setHeader('h', 1)).done
    await settle()
    expect(sink.bodies).toEqual(['made for null'])
  })

  it('has the variable as its body', async () => {
    const { source, sink } = await run([
      from('source:in')
        .setVariable('v', constant('of the variable'))
        .wireTap('sink:tap', { variableSend: 'v' })
        .to('sink:out'),
    ])
    await source.bring('x').done
    expect(sink.bodies).toEqual(['of the variable', 'x'])
  })

  it('is prepared by a bean', async () => {
    const { source, sink } = await run([from('source:in').wireTap('sink:tap', { onPrepare: '#mark' }).to('sink:out')], {
      beans: {
        mark: (tap: Exchange) => {
          tap.body = 'marked'
        },
      },
    })
    await source.bring('x').done
    expect(sink.bodies).toEqual(['marked', 'x'])
  })
})

describe('where it goes', () => {
  it('is a URI that is worked out for each exchange', async () => {
    const { source, sink } = await run([from('source:in').wireTap('sink:${header.name}?')], {})
    await source.bring('x', it => void it.message.setHeader('name', 'one')).done
    await settle(3)
    expect(sink.events).toContain('start one')
    expect(sink.bodies).toEqual(['x'])
  })

  it('is taken as it stands without dynamicUri, and from a reference', async () => {
    const { source, sink } = await run([
      from('source:in').wireTap('sink:${header.name}', { dynamicUri: false }).wireTap(direct('ref')),
      from('direct:ref').to('sink:ref'),
    ])
    await source.bring('x').done
    expect(sink.events).toContain('start ${header.name}')
    expect(sink.bodies).toHaveLength(2)
  })

  it('is fenced by allowedSchemes; what is refused is the tap alone', async () => {
    const { source, sink, log } = await run([
      from('source:in')
        .wireTap('${header.to}', { allowedSchemes: ['direct'] })
        .to('sink:out'),
    ])
    const { exchange, done } = source.bring('x', it => void it.message.setHeader('to', 'sink:secret'))
    await done
    await settle()
    expect(exchange.failed).toBe(false)
    expect(sink.bodies).toEqual(['x'])
    expect(log.messages.join()).toContain('allows only direct')
  })

  it('may be no endpoint, where that is ignored', async () => {
    const { source, log } = await run([from('source:in').wireTap('nowhere:${body}', { ignoreInvalidEndpoint: true })])
    await source.bring('x').done
    await settle()
    expect(log.messages.filter(line => line.startsWith('error'))).toEqual([])
  })

  it('has to be there at the start, where it is fixed', async () => {
    await expect(run([from('source:in').wireTap('nowhere:x')])).rejects.toMatchObject({
      code: 'DROMEDARY_UNKNOWN_SCHEME',
    })
  })
})

describe('the route', () => {
  it('does not wait for the tap', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { source, sink } = await run([
      from('source:in').wireTap('direct:slow').to('sink:out'),
      from('direct:slow')
        .process(() => promise)
        .to('sink:slow'),
    ])
    expect(source.bring('x').done).toBeUndefined()
    expect(sink.bodies).toEqual(['x'])
    resolve()
    await settle()
    expect(sink.bodies).toEqual(['x', 'x'])
  })

  it('is not touched by its failure, which is logged once', async () => {
    for (const handler of [defaultErrorHandler(), noErrorHandler()]) {
      const { source, sink, log } = await run([
        from('source:in').errorHandler(handler).wireTap('direct:bad').to('sink:out'),
        from('direct:bad')
          .errorHandler(handler)
          .process(() => Promise.reject(new Error('bad tap'))),
      ])
      const { exchange, done } = source.bring('x')
      await done
      await settle()
      expect(exchange.failed).toBe(false)
      expect(sink.bodies).toEqual(['x'])
      const told = log.messages.filter(line => line.includes('bad tap'))
      expect(told).toEqual([expect.stringMatching(/^error/)])
      await context?.stop()
    }
  })

  it('redelivers and dead-letters the tap by its error handler', async () => {
    let tries = 0
    const { source, sink, clock } = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { maximumRedeliveries: 2, redeliveryDelay: 10 }))
        .wireTap('direct:bad')
        .setBody('${body}!')
        .to('sink:out'),
      from('direct:bad')
        .errorHandler(noErrorHandler())
        .process(() => {
          tries++
          throw new Error('bad tap')
        }),
    ])
    await source.bring('x').done
    await clock.advance(100)
    expect(tries).toBe(3)
    expect(sink.bodies).toEqual(['x!', 'x'])
  })

  it('waits for a tap of its own where a thousand are under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { source } = await run([from('source:in').wireTap('direct:slow'), from('direct:slow').process(() => promise)])
    for (let n = 0; n < 1000; n++) await source.bring(n).done
    let ended = false
    const waiting = Promise.resolve(source.bring('one more').done).then(() => {
      ended = true
    })
    await settle(3)
    expect(ended).toBe(false)
    resolve()
    await waiting
  })
})

describe('a tap', () => {
  it('of a part is dead-lettered for itself, also where parts share a unit of work', async () => {
    const { source, sink } = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead'))
        .split(body(), { shareUnitOfWork: true })
        .wireTap('direct:bad')
        .end()
        .to('sink:after'),
      from('direct:bad')
        .errorHandler(noErrorHandler())
        .process(() => {
          throw new Error('bad tap')
        }),
    ])
    const { exchange, done } = source.bring(['a', 'b'])
    await done
    await settle()
    expect(exchange.failed).toBe(false)
    expect(sink.bodies).toEqual(['a', 'b', ['a', 'b']])
  })

  it('stands under the leadership and the term of its exchange, also without a copy', async () => {
    for (const copy of [true, false]) {
      const { source, outside } = await run([
        from('source:in').wireTap('direct:tap', { copy }),
        from('direct:tap')
          .process(tap => {
            expect(tap.getProperty(NAMES.clusterTerm)).toBe(7n)
            expect(tap.signal).toBe(signal)
          })
          .to('outside:tap'),
      ])
      const { signal } = new AbortController()
      let valid = true
      const bring = () =>
        source.bring('x', it => {
          it.guard = { accepts: () => true, isValid: () => valid }
          it.signal = signal
          it.setProperty(NAMES.clusterTerm, 7n)
        }).done
      await bring()
      expect(outside.bodies).toHaveLength(1)
      valid = false
      await bring()
      expect(outside.bodies).toHaveLength(1)
      await context?.stop()
    }
  })
})

describe('a tap under way', () => {
  it('has its own unit of work, which ends with it', async () => {
    const order: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const { source } = await run([
      from('source:in').wireTap('direct:slow'),
      from('direct:slow').process(tap => {
        tap.unitOfWork.addSynchronization({ onComplete: () => void order.push('tap') })
        return promise
      }),
    ])
    source.bring('x', it => it.unitOfWork.addSynchronization({ onComplete: () => void order.push('route') }))
    expect(order).toEqual(['route'])
    resolve()
    await settle()
    expect(order).toEqual(['route', 'tap'])
  })

  it('is in flight: a stop waits for it, and names it when it waits too long', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { source, sink, context, clock, log } = await run([
      from('source:in').routeId('main').wireTap('direct:slow'),
      from('direct:slow')
        .process(() => promise)
        .to('sink:slow'),
    ])
    const { exchange } = source.bring('x')
    expect(context.route('main').statistics).toMatchObject({ total: 1, completed: 1, inFlight: 1 })
    const stopping = context.stop()
    await clock.advance(1000)
    expect(source.calls).not.toContain('close')
    resolve()
    await clock.advance(0)
    await stopping
    expect(sink.bodies).toEqual(['x'])
    expect(source.calls.at(-1)).toBe('close')
    expect(exchange.failed).toBe(false)
    expect(log.messages.filter(line => line.includes('by force'))).toEqual([])
  })

  it('is told as an exchange event', async () => {
    const { source, context } = await run([from('source:in').routeId('main').wireTap('sink:tap')])
    const told: string[] = []
    context.exchanges.subscribe(event => void (event.type !== 'step' && told.push(event.type)))
    await source.bring('x').done
    await settle(3)
    expect(told.toSorted()).toEqual(['completed', 'completed', 'created', 'created'])
  })
})
