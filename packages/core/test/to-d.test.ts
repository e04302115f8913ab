import { afterEach, expect, it } from 'vitest'
import { type Context, createContext, from, type RouteSource, silentSink } from '../src/index.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

const input = sources()
let sink = sinks()
let context: Context | undefined

async function run(route: RouteSource) {
  sink = sinks()
  context = createContext({ log: silentSink, routes: [route], components: [input.component, sink.component] })
  await context.start()
  return async (body: unknown) => {
    const { exchange, done } = input.source('in').bring(body)
    await done
    return exchange
  }
}
afterEach(() => context?.stop())

it('sends to the endpoint that each exchange comes to, and keeps its producer', async () => {
  const send = await run(from('source:in').toD('sink:${body}'))
  for (const body of ['a', 'b', 'a']) await send(body)
  expect(sink.bodies).toEqual(['a', 'b', 'a'])
  expect(sink.events).toEqual(['start a', 'start b'])
})

it('closes the producers that are used least when there are more than cacheSize', async () => {
  const send = await run(from('source:in').toD('sink:${body}', { cacheSize: 2 }))
  for (const body of ['a', 'b', 'a', 'c', 'b']) await send(body)
  await new Promise(resolve => setImmediate(resolve))
  expect(sink.events).toEqual(['start a', 'start b', 'start c', 'close b', 'start b', 'close a'])
})

it('keeps none with cacheSize -1', async () => {
  const send = await run(from('source:in').toD('sink:${body}', { cacheSize: -1 }))
  for (const body of ['a', 'a']) await send(body)
  await new Promise(resolve => setImmediate(resolve))
  expect(sink.events).toEqual(['start a', 'close a', 'start a', 'close a'])
})

it('never closes a producer that a fixed endpoint uses', async () => {
  const send = await run(from('source:in').to('sink:a').toD('sink:${body}', { cacheSize: -1 }))
  await send('a')
  await new Promise(resolve => setImmediate(resolve))
  expect(sink.events).toEqual(['start a'])
})

it('refuses schemes that are not allowed, masked, whatever else is ignored', async () => {
  const send = await run(from('source:in').toD('${body}', { allowedSchemes: ['sink'], ignoreInvalidEndpoint: true }))
  const { exception } = await send('direct:x?password=hunter2')
  expect(exception).toMatchObject({ code: 'DROMEDARY_SCHEME_NOT_ALLOWED' })
  expect(String(exception)).not.toContain('hunter2')
})

it('fails for what is no endpoint, or skips it when told so', async () => {
  expect((await (await run(from('source:in').toD('${body}')))('nosuch:x')).exception).toMatchObject({
    code: 'DROMEDARY_UNKNOWN_SCHEME',
  })
  await context?.stop()
  const send = await run(from('source:in').toD('${body}', { ignoreInvalidEndpoint: true }).to('sink:after'))
  expect((await send('nosuch:x')).failed).toBe(false)
  expect(sink.bodies).toEqual(['nosuch:x'])
})

it('does not resolve placeholders that come from a message', async () => {
  const send = await run(from('source:in').toD('sink:${body}'))
  expect((await send('{{env:HOME}}')).exception).toMatchObject({ code: 'DROMEDARY_INVALID_URI' })
})
