import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, type Endpoint } from '../src/component.ts'
import { type Context, createContext, from, type RouteSource, silentSink } from '../src/index.ts'
import { type SinkOptions, sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))
let input = sources()
let sink = sinks()
let context: Context

async function run(routes: RouteSource[], options: SinkOptions = {}) {
  sink = sinks(options)
  context = createContext({
    log: silentSink,
    routes,
    components: [input.component, sink.component],
    shutdownTimeout: 1,
  })
  await context.start()
  return input.source('in')
}
beforeEach(() => {
  input = sources()
})
afterEach(() => context.stop())

describe('toD', () => {
  it('that comes to no endpoint leaves no rejection behind where nothing is cached', async () => {
    const unhandled: unknown[] = []
    const listen = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', listen)
    const source = await run([from('source:in').toD('${body}', { cacheSize: -1 })])
    const { exchange, done } = source.bring('nosuch:x')
    await done
    await turn()
    process.off('unhandledRejection', listen)
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_UNKNOWN_SCHEME' })
    expect(unhandled).toEqual([])
  })

  it('gives a producer back also when its send throws at once', async () => {
    const send = (exchange: { body: unknown; message: { header(name: string): unknown } }) => {
      if (exchange.message.header('bad')) throw new Error('no')
    }
    const source = await run([from('source:in').toD('sink:${body}', { cacheSize: 1 })], { send })
    await source.bring('a').done
    await source.bring('a', exchange => exchange.message.setHeader('bad', true)).done
    await source.bring('b').done
    await turn()
    expect(sink.events).toEqual(['start a', 'start b', 'close a'])
  })

  it('never closes a producer that another exchange or step has borrowed in the meantime', async () => {
    const gates: (() => void)[] = []
    const send = () => new Promise<void>(resolve => gates.push(resolve))
    const source = await run([from('source:in').toD('sink:${body}', { cacheSize: 1 })], { send })
    const pending = []
    for (const body of ['a', 'b', 'a']) {
      pending.push(source.bring(body).done)
      await turn()
    }
    gates[0]?.()
    await pending[0]
    await turn()
    expect(sink.events).toEqual(['start a', 'start b'])
    for (const open of gates) open()
    await Promise.all(pending)
    await turn()
    expect(sink.events).toEqual(['start a', 'start b', 'close b'])
  })

  it('never closes a producer that a template took afterwards', async () => {
    const source = await run([from('source:in').toD('sink:${body}', { cacheSize: 1 })])
    await source.bring('a').done
    const send = await context.template.sender('sink:a')
    await source.bring('b').done
    await turn()
    await send(context.createExchange('by template'))
    expect(sink.events).toEqual(['start a', 'start b'])
  })

  it('does not make the context forget an endpoint that the application asked for', async () => {
    const source = await run([from('source:in').toD('sink:${body}', { cacheSize: -1 })])
    const endpoint = context.endpoint('sink:a')
    await source.bring('a').done
    await turn()
    expect(sink.events).toEqual(['start a', 'close a'])
    expect(context.endpoint('sink:a')).toBe(endpoint)
  })
})

describe('a context that has stopped', () => {
  it('starts no producer for its template', async () => {
    await run([from('source:in')])
    await context.stop()
    await expect(context.template.sendBody('sink:a', 1)).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
    expect(sink.events).toEqual([])
  })

  it('sends nothing to closed producers, neither for a prepared sender nor for an exchange that it gave up', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const source = await run([
      from('source:in')
        .process(() => promise)
        .to('sink:a'),
    ])
    const send = await context.template.sender('sink:a')
    const { exchange, done } = source.bring('outlives the shutdown')
    await context.stop()
    resolve()
    await done
    await send(context.createExchange('late'))
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
    expect([sink.bodies, sink.events]).toEqual([[], ['start a', 'close a']])
  })

  it('never closed a producer while its start was pending', async () => {
    const calls: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const endpoint: Endpoint = {
      uri: 'slow://x',
      producer: () => ({
        external: true,
        start: async () => {
          await promise
          calls.push('started')
        },
        send: () => void calls.push('send'),
        close: () => void calls.push('close'),
      }),
    }
    const slow = defineComponent({
      scheme: 'slow',
      title: 'Starts slowly.',
      syntax: 'name',
      path: { name: 'Name.' },
      consumes: false,
      produces: true,
      endpoint: () => endpoint,
    })
    context = createContext({ log: silentSink, routes: [], components: [slow] })
    await context.start()
    const sending = expect(context.template.sendBody('slow:x', 1)).rejects.toMatchObject({
      code: 'DROMEDARY_NOT_ACCEPTING',
    })
    await turn()
    const stopping = context.stop()
    await turn()
    resolve()
    await Promise.all([stopping, sending])
    expect(calls).toEqual(['started', 'close'])
  })
})
