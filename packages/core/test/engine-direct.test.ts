import { afterEach, describe, expect, it } from 'vitest'
import {
  type Context,
  type ContextOptions,
  createContext,
  defaultErrorHandler,
  from,
  noErrorHandler,
  type RouteSource,
  silentSink,
} from '../src/index.ts'

let context: Context | undefined
async function start(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  context = createContext({ log: silentSink, ...options, routes })
  await context.start()
  return context
}
afterEach(() => context?.stop())

describe('direct:', () => {
  it('calls the other route within the call, on the same exchange', async () => {
    const { template } = await start([
      from('direct:a').setBody('${body}b').to('direct:b').setBody('${body}d'),
      from('direct:b').setBody('${body}c'),
    ])
    expect(await template.requestBody('direct:a', 'a')).toBe('abcd')
  })

  it('refuses a name that no route answers at once, and names the near one', async () => {
    const { template } = await start([from('direct:orders').process(() => {})])
    await expect(template.sendBody('direct:order', 1)).rejects.toMatchObject({
      code: 'DROMEDARY_NO_CONSUMER',
      message: expect.stringContaining('did you mean orders?'),
    })
    await template.sendBody('direct:order?failIfNoConsumers=false', 1)
  })

  it('waits for a route that is stopped, and refuses when told not to wait', async () => {
    const { template } = await start([from('direct:a').routeId('a').autoStartup(false).setBody('there')])
    await expect(template.sendBody('direct:a?block=false', 1)).rejects.toMatchObject({ code: 'DROMEDARY_NO_CONSUMER' })
    await expect(template.sendBody('direct:a?timeout=1', 1)).rejects.toMatchObject({ code: 'DROMEDARY_NO_CONSUMER' })
    const waiting = template.requestBody('direct:a', 1)
    await (context as Context).route('a').start()
    expect(await waiting).toBe('there')
  })

  it('gives up waiting, and says so, when the exchange must end', async () => {
    const { template } = await start([
      from('direct:a').routeId('a').to('direct:b'),
      from('direct:b').autoStartup(false).setBody('there'),
    ])
    const waiting = expect(template.sendBody('direct:a', 1)).rejects.toMatchObject({
      code: 'DROMEDARY_NO_CONSUMER',
      message: expect.stringContaining('gave up waiting'),
    })
    await new Promise(resolve => setImmediate(resolve))
    await (context as Context).route('a').stop(1)
    await waiting
  })

  it('has one route per name', async () => {
    const two = start([from('direct:a').process(() => {}), from('direct:a?block=false').process(() => {})])
    await expect(two).rejects.toMatchObject({ code: 'DROMEDARY_DUPLICATE_CONSUMER' })
  })

  it('gives the failure of a route without an error handler to the caller of it', async () => {
    let tries = 0
    const { template } = await start([
      from('direct:a')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 2, redeliveryDelay: 0 }))
        .to('direct:b'),
      from('direct:b')
        .errorHandler(noErrorHandler())
        .process(() => {
          tries++
          throw new Error('no')
        }),
    ])
    await expect(template.sendBody('direct:a', 1)).rejects.toThrow('no')
    expect(tries).toBe(3)
  })

  it('carries 10,000 hops with a filter each', async () => {
    const hops = 10_000
    const routes = Array.from({ length: hops }, (_, hop) =>
      from(`direct:${hop}` as string)
        .filter('${body} != null')
        .to(`direct:${hop + 1}` as string)
        .end(),
    )
    const { template } = await start([...routes, from(`direct:${hops}` as string).setBody('arrived')])
    expect(await template.requestBody('direct:0', 1)).toBe('arrived')
  })

  it('refuses a route that calls itself without end, with a code', async () => {
    const { template } = await start([from('direct:a').filter('${body} != null').to('direct:a').end()])
    await expect(template.sendBody('direct:a', 1)).rejects.toMatchObject({ code: 'DROMEDARY_CALLS_TOO_DEEP' })
  })

  it('lets timers run during a million synchronous route calls', async () => {
    let count = 0
    const { template } = await start([from('direct:a').process(() => void count++)])
    const send = await template.sender('direct:a')
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    for (let call = 0; call < 1_000_000; call++) {
      const pending = send(template.createExchange(call))
      if (pending !== undefined) await pending
    }
    clearInterval(timer)
    expect(count).toBe(1_000_000)
    expect(turns).toBeGreaterThan(3)
  })
})
