import { describe, expect, it } from 'vitest'
import { defaultErrorHandler, type Exchange, from, HALT, NAMES } from '../src/index.ts'
import { always, failing, stage, throwing } from './support/stage.ts'

const { log, run, sink } = stage()

class OrderError extends Error {}

describe('redelivery by a clause', () => {
  it('is none unless it says so, whatever the error handler says', async () => {
    const step = always(new OrderError('no'))
    const other = failing(new TypeError('no'))
    const input = await run([
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 3, redeliveryDelay: 0 }))
        .onException(OrderError)
        .handled(true)
        .end()
        .process(other)
        .process(step),
    ])
    await input.bring('x').done
    expect([other.calls, step.calls]).toEqual([2, 1])
  })

  it('repeats only the failed step, as often as it says, then runs the clause', async () => {
    const before = failing()
    const step = always(new OrderError('no'))
    const counters: unknown[] = []
    const input = await run(
      from('source:in')
        .onException(OrderError)
        .handled(true)
        .maximumRedeliveries(2)
        .redeliveryDelay(0)
        .to('sink:clause')
        .end()
        .process(before)
        .process((exchange: Exchange) => {
          counters.push([
            exchange.message.header(NAMES.redeliveryCounter),
            exchange.message.header(NAMES.redeliveryMaxCounter),
          ])
          step()
        }),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([before.calls, step.calls]).toEqual([1, 3])
    expect(counters).toEqual([
      [undefined, undefined],
      [1, 2],
      [2, 2],
    ])
    expect(exchange.message.headers.names()).toEqual([])
    expect(sink.bodies).toEqual(['x'])
  })

  it('keeps its headers on a message that goes on to the sender as failed', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .maximumRedeliveries(1)
        .redeliveryDelay(0)
        .end()
        .process(always(new Error('no'))),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(exchange.message.header(NAMES.redeliveryCounter)).toBe(1)
  })

  it('takes the rest of the policy from the error handler', async () => {
    const step = failing(new Error('1'), new Error('2'))
    const input = await run(
      from('source:in')
        .errorHandler(defaultErrorHandler({ redeliveryDelay: 0, retryAttemptedLogLevel: 'warn' }))
        .onException(Error)
        .redeliveryPolicy({ maximumRedeliveries: 5, logStackTrace: false })
        .end()
        .process(step),
    )
    await input.bring('x').done
    expect(log.records.filter(record => record.level === 'warn')).toHaveLength(2)
  })

  it('counts on over failures of different kinds, each by its own clause', async () => {
    const step = failing(new OrderError('1'), new TypeError('2'), new OrderError('3'), new TypeError('4'))
    const input = await run(
      from('source:in')
        .onException(OrderError)
        .maximumRedeliveries(3)
        .redeliveryDelay(0)
        .end()
        .onException(TypeError)
        .handled(true)
        .maximumRedeliveries(2)
        .redeliveryDelay(0)
        .setBody('type')
        .end()
        .process(step),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([step.calls, exchange.body]).toEqual([4, 'type'])
  })

  it('goes on while retryWhile holds, whatever the maximum; it is first asked about try 1', async () => {
    const asked: unknown[] = []
    const step = always(new Error('no'))
    const input = await run(
      from('source:in')
        .onException(Error)
        .maximumRedeliveries(1)
        .redeliveryDelay(0)
        .retryWhile(exchange => {
          asked.push(exchange.message.header(NAMES.redeliveryCounter))
          return asked.length < 4
        })
        .end()
        .process(step),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(asked).toEqual([1, 2, 3, 4])
    expect(step.calls).toBe(4)
    expect(exchange.message.header(NAMES.redeliveryCounter)).toBe(3)
    expect(exchange.message.header(NAMES.redeliveryMaxCounter)).toBeUndefined()
  })

  it('leaves no counter behind when retryWhile wants no try at all', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .retryWhile(() => false)
        .end()
        .process(always(new Error('no'))),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([exchange.failed, exchange.message.headers.names()]).toEqual([true, []])
  })

  it('runs onRedelivery before each try, which may change the message, stop the exchange, or fail', async () => {
    const bodies: unknown[] = []
    const route = (hook: (exchange: Exchange) => unknown) =>
      from('source:in')
        .onException(Error)
        .handled(true)
        .maximumRedeliveries(2)
        .redeliveryDelay(0)
        .onRedelivery(hook)
        .end()
        .process(exchange => {
          bodies.push(exchange.body)
          throw new Error('no')
        })
        .to('sink:after')
    const shout = (exchange: Exchange) => {
      exchange.body = `${exchange.body}!`
    }
    const stop = (exchange: Exchange) => {
      exchange.halt |= HALT.stop
    }
    await (await run(route(shout))).bring('x').done
    expect(bodies.splice(0)).toEqual(['x', 'x!', 'x!!'])
    const stopped = (await run(route(stop))).bring('x')
    await stopped.done
    expect([bodies.splice(0), stopped.exchange.failed, sink.bodies]).toEqual([['x'], false, []])
    const failed = (await run(route(throwing(new TypeError('hook'))))).bring('x')
    await failed.done
    expect(bodies).toEqual(['x'])
    expect(failed.exchange.getProperty(NAMES.exceptionCaught)).toMatchObject({ message: 'hook' })
  })
})

describe('onExceptionOccurred', () => {
  it('runs at each failure before anything is done about it, and its own failure changes nothing', async () => {
    const events: string[] = []
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled(true)
        .maximumRedeliveries(1)
        .redeliveryDelay(0)
        .onExceptionOccurred(exchange => {
          events.push(`occurred ${(exchange.getProperty(NAMES.exceptionCaught) as Error).message}`)
          throw new Error('broken')
        })
        .process(() => void events.push('clause'))
        .end()
        .process(failing(new Error('1'), new Error('2'))),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect(events).toEqual(['occurred 1', 'occurred 2', 'clause'])
    expect(exchange.failed).toBe(false)
    expect(log.messages.join()).toMatch(/onExceptionOccurred failed .* broken/)
  })

  it('may be asynchronous, and may be a bean', async () => {
    const events: string[] = []
    const input = await run(
      from('source:in')
        .onException(Error)
        .handled(true)
        .onExceptionOccurred('#tell')
        .process(() => void events.push('clause'))
        .end()
        .process(throwing(new Error('no'))),
      {
        beans: {
          tell: async () => {
            await new Promise(resolve => setImmediate(resolve))
            events.push('told')
            throw new Error('broken')
          },
        },
      },
    )
    await input.bring('x').done
    expect(events).toEqual(['told', 'clause'])
  })

  it('must be a function', async () => {
    const route = from('source:in').onException(Error).onRedelivery('missing').end().to('sink:after')
    await expect(run(route)).rejects.toMatchObject({
      code: 'DROMEDARY_UNKNOWN_BEAN',
      message: /onRedelivery in route route1 names missing/,
    })
  })
})
