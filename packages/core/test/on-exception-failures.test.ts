import { describe, expect, it } from 'vitest'
import { deadLetterChannel, from, NAMES, onException } from '../src/index.ts'
import { always, stage, throwing } from './support/stage.ts'

const { log, run, sink } = stage()

class OrderError extends Error {}
const soon = { redeliveryDelay: 0 }

describe('under a dead letter channel', () => {
  const dead = deadLetterChannel('sink:dead', soon)

  it('a clause without steps leaves the message to the dead letter endpoint', async () => {
    const step = always(new OrderError('no'))
    const input = await run(
      from('source:in')
        .errorHandler(dead)
        .onException(OrderError)
        .maximumRedeliveries(1)
        .redeliveryDelay(0)
        .end()
        .setBody('changed')
        .process(step),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([step.calls, sink.bodies, exchange.failed]).toEqual([2, ['changed'], false])
  })

  it('a clause with steps takes its place, handled or not', async () => {
    const route = (handled: boolean) =>
      from('source:in')
        .errorHandler(dead)
        .onException(Error)
        .handled(handled)
        .setBody('clause')
        .to('sink:clause')
        .end()
        .process(throwing(new Error('no')))
    expect((await run(route(false))).bring('x').exchange.failed).toBe(true)
    expect((await run(route(true))).bring('x').exchange.failed).toBe(false)
    expect(sink.bodies).toEqual(['clause', 'clause'])
  })

  it('a clause that continues sends nothing there', async () => {
    const input = await run(
      from('source:in')
        .errorHandler(dead)
        .onException(Error)
        .continued(true)
        .end()
        .process(throwing(new Error('no')))
        .setBody('after')
        .to('sink:after'),
    )
    input.bring('x')
    expect(sink.bodies).toEqual(['after'])
  })

  it('useOriginalMessage of a clause holds for the letter', async () => {
    const input = await run(
      from('source:in')
        .errorHandler(dead)
        .onException(Error)
        .useOriginalMessage()
        .end()
        .setBody('changed')
        .process(throwing(new Error('no'))),
    )
    input.bring('original')
    expect(sink.bodies).toEqual(['original'])
  })

  it('a failure in the steps of a clause goes to the sender, not there', async () => {
    const input = await run(
      from('source:in')
        .errorHandler(dead)
        .onException(OrderError)
        .handled(true)
        .process(throwing(new TypeError('new')))
        .end()
        .process(throwing(new OrderError('old'))),
    )
    const { exchange } = input.bring('x')
    expect(exchange.exception).toMatchObject({ message: 'new' })
    expect(exchange.getProperty(NAMES.exceptionCaught)).toMatchObject({ message: 'new' })
    expect(sink.bodies).toEqual([])
    expect(log.messages.at(-1)).toMatch(/failed in an onException: new; it had failed with: old/)
  })
})

describe('a failure in the steps of a clause', () => {
  it('goes to no clause, and is not redelivered', async () => {
    const step = always(new TypeError('new'))
    const input = await run(
      from('source:in')
        .onException(OrderError)
        .continued(true)
        .process(step)
        .end()
        .onException(TypeError)
        .handled(true)
        .maximumRedeliveries(5)
        .redeliveryDelay(0)
        .to('sink:type')
        .end()
        .process(throwing(new OrderError('old')))
        .to('sink:after'),
    )
    const { exchange, done } = input.bring('x')
    await done
    expect([step.calls, sink.bodies]).toEqual([1, []])
    expect(exchange.exception).toMatchObject({ message: 'new' })
  })

  it('says which step of the clause it was; the ids of steps are unique in the route and its clauses', async () => {
    const clause = onException(OrderError).process(throwing(new TypeError('new')))
    const route = from('source:in')
      .process(throwing(new OrderError('old')))
      .id('mine')
    const input = await run(route, { onException: [clause] })
    expect(input.bring('x').exchange.getProperty(NAMES.failureNodeId)).toBe('process1')
    await expect(run(route, { onException: [clause.id('mine')] })).rejects.toThrow(/two steps with the id mine/)
  })

  it('leaves the clause to the next failure of the same exchange', async () => {
    const input = await run(
      from('source:in')
        .onException(Error)
        .continued(true)
        .to('sink:clause')
        .end()
        .process(throwing(new Error('first')))
        .process(throwing(new Error('second'))),
    )
    expect(input.bring('x').exchange.failed).toBe(false)
    expect(sink.bodies).toEqual(['x', 'x'])
  })

  it('may be caught there by doTry', async () => {
    const input = await run(
      from('source:in')
        .onException(OrderError)
        .handled(true)
        .doTry()
        .process(throwing(new TypeError('new')))
        .doCatch(TypeError)
        .setBody('caught')
        .end()
        .end()
        .process(throwing(new OrderError('old'))),
    )
    const { exchange } = input.bring('x')
    expect([exchange.body, exchange.failed]).toEqual(['caught', false])
  })

  it('does not go round through the routes that the clause calls', async () => {
    let calls = 0
    const input = await run(
      [
        from('source:in').process(throwing(new Error('first'))),
        from('direct:apology').process(() => {
          calls++
          throw new Error('second')
        }),
      ],
      { onException: [onException(Error).handled(true).to('direct:apology')] },
    )
    const { exchange } = input.bring('x')
    expect(calls).toBe(1)
    expect(exchange.exception).toMatchObject({ message: 'second' })
    // The clause is over: it holds again for the next one.
    input.bring('y')
    expect(calls).toBe(2)
  })
})
