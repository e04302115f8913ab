import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { createContext, from, type Meter, noErrorHandler, silentSink, sleep } from '../src/index.ts'

/** Times one of so many, and tells of it. */
function meterOf(stride: (routeId: string) => number) {
  const took: [string, number, number][] = []
  const timeNext: (() => void)[] = []
  const meter: Meter = {
    route: (id, route) => {
      timeNext.push(() => route.timeNext())
      let last = 0
      return {
        get due() {
          return last + stride(id)
        },
        begins: exchange => {
          const standsFor = exchange - last
          last = exchange
          return standsFor
        },
        took: (ms, standsFor) => void took.push([id, ms, standsFor]),
      }
    },
  }
  return { meter, took, timeNext }
}

async function started(routes: Parameters<typeof createContext>[0]['routes'], meter?: Meter) {
  const clock = new FakeClock()
  const context = createContext({ routes, clock, log: silentSink, ...(meter && { meter }) })
  await context.start()
  return { context, clock, send: await context.template.sender('direct:a') }
}

describe('a meter', () => {
  it('times what is due, from its entry to its end, on routes that others call as well', async () => {
    const { meter, took } = meterOf(() => 1)
    const { context, clock, send } = await started(
      [
        from('direct:a').routeId('a').to('direct:b'),
        from('direct:b')
          .routeId('b')
          .process(() => sleep(clockOf(), 40).then(() => {})),
      ],
      meter,
    )
    const clockOf = () => clock
    const pending = send(context.createExchange())
    await clock.advance(40)
    await pending
    expect(took).toEqual([
      ['b', 40, 1],
      ['a', 40, 1],
    ])
    await context.stop()
  })

  it('times what ends at once, and what fails, also by throwing through the caller', async () => {
    const { meter, took } = meterOf(() => 1)
    const { context, send } = await started(
      [
        from('direct:a').routeId('a').to('direct:b'),
        from('direct:b')
          .routeId('b')
          .errorHandler(noErrorHandler())
          .process(() => {
            throw new Error('no')
          }),
      ],
      meter,
    )
    const exchange = context.createExchange()
    await send(exchange)
    expect(exchange.failed).toBe(true)
    expect(took.map(([id]) => id)).toEqual(['b', 'a'])
    await context.stop()
  })

  it('is told of those that are due and of no other; each stands for those before it', async () => {
    const { meter, took, timeNext } = meterOf(() => 3)
    const { context, send } = await started([from('direct:a').routeId('a').setBody('x')], meter)
    const one = () => send(context.createExchange())
    for (let i = 0; i < 8; i++) await one()
    expect(took.map(([, , standsFor]) => standsFor)).toEqual([1, 3, 3])
    timeNext[0]?.()
    await one()
    expect(took.map(([, , standsFor]) => standsFor)).toEqual([1, 3, 3, 2])
    expect(context.route('a').statistics).toMatchObject({ total: 9, completed: 9, inFlight: 0 })
    await context.stop()
  })
})

describe('the statistics of a route', () => {
  it('count redeliveries, and the failures that were dealt with', async () => {
    let fails = 0
    const { context, clock, send } = await started([
      from('direct:a')
        .routeId('a')
        .onException(TypeError)
        .handled(true)
        .end()
        .onException(RangeError)
        .maximumRedeliveries(2)
        .redeliveryDelay(10)
        .end()
        .process(exchange => {
          if (exchange.body === 'handled') throw new TypeError('handled')
          if (exchange.body === 'again' && fails++ < 1) throw new RangeError('again')
          if (exchange.body === 'fails') throw new RangeError('fails')
        }),
    ])
    for (const body of ['handled', 'again', 'fails', 'well']) {
      const pending = send(context.createExchange(body))
      await clock.advance(100)
      await pending
    }
    expect(context.route('a').statistics).toEqual({
      total: 4,
      completed: 3,
      failed: 1,
      inFlight: 0,
      failuresHandled: 1,
      redeliveries: 3,
    })
    await context.stop()
  })
})
