import { Readable } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import { showValue } from '../src/components/log/show-value.ts'
import type { TypeConverters } from '../src/exchange/converters.ts'
import { type Context, createContext, type Exchange, from, log } from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { sources } from './support/source.ts'
import { thrownBy } from './thrown-by.ts'

let context: Context | undefined
afterEach(() => context?.stop())

/** The lines that one exchange leaves at this endpoint. */
async function lines(query: string, prepare: (exchange: Exchange) => void = () => {}): Promise<string[]> {
  return (await records(query, prepare)).map(record => record.message)
}

async function records(query: string, prepare: (exchange: Exchange) => void = () => {}) {
  const sink = keepingSink()
  await context?.stop()
  context = createContext({ log: sink, routes: [] })
  await context.start()
  const exchange = context.createExchange('hello')
  prepare(exchange)
  await context.template.send(`log:cat${query}`, exchange)
  return sink.records.filter(record => record.category === 'cat')
}

const full = (exchange: Exchange) => {
  exchange.message.setHeader('foo', 'bar').setHeader('n', 1)
  exchange.setProperty('mine', 'm').setProperty('CamelLoopIndex', 7)
  exchange.setVariable('v', [1])
  exchange.exception = new RangeError('too far')
}

it('writes type and body to the category at info', async () => {
  const [record, ...rest] = await records('')
  expect(record).toMatchObject({ level: 'info', category: 'cat', message: 'Exchange[BodyType: string, Body: hello]' })
  expect(rest).toEqual([])
})

it.each([
  ['?showBody=false', 'Exchange[BodyType: string]'],
  ['?showBodyType=false', 'Exchange[Body: hello]'],
  ['?showHeaders=true', 'Exchange[Headers: {foo=bar, n=1}, BodyType: string, Body: hello]'],
  ['?showProperties=true', 'Exchange[Properties: {mine=m}, BodyType: string, Body: hello]'],
  [
    '?showAllProperties=true',
    'Exchange[Properties: {mine=m, CamelLoopIndex=7, CamelToEndpoint=log://cat?showAllProperties=true}, BodyType: string, Body: hello]',
  ],
  ['?showVariables=true', 'Exchange[Variables: {v=[1]}, BodyType: string, Body: hello]'],
  ['?showExchangePattern=true', 'Exchange[ExchangePattern: InOnly, BodyType: string, Body: hello]'],
  ['?showRouteId=true', 'Exchange[RouteId: , BodyType: string, Body: hello]'],
  [
    '?showException=true',
    'Exchange[BodyType: string, Body: hello, ExceptionType: RangeError, ExceptionMessage: too far]',
  ],
  ['?plain=true', 'hello'],
  ['?style=Tab', 'Exchange[BodyType:\tstring, Body:\thello]'],
  ['?style=Fixed&showBodyType=false', 'Exchange[Body                    hello]'],
  ['?maxChars=12', 'Exchange[Bod...'],
  ['?plain=true&maxChars=0', 'hello'],
])('%s', async (query, expected) => {
  expect(await lines(query, full)).toEqual([expected])
})

it.each(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'])('level=%s', async level => {
  expect((await records(`?level=${level}`)).map(record => record.level)).toEqual([level.toLowerCase()])
})

it('writes nothing at level OFF, and formats nothing for a sink that is not interested', async () => {
  expect(await lines('?level=OFF')).toEqual([])
  let formatted = false
  const text = () => {
    formatted = true
    return 'text'
  }
  const deaf = createContext({ log: { isEnabled: () => false, write: () => {} }, routes: [] })
  await deaf.template.sendBody('log:cat', { toString: text })
  expect(formatted).toBe(false)
})

it('showExchangeId', async () => {
  let id = ''
  const shown = await lines('?showExchangeId=true', exchange => {
    id = exchange.id
  })
  expect(shown).toEqual([`Exchange[Id: ${id}, BodyType: string, Body: hello]`])
})

it('showCaughtException shows what an error handler caught, if there is nothing newer', async () => {
  const caught = (exchange: Exchange) => exchange.setProperty('CamelExceptionCaught', new TypeError('old'))
  const text = 'Exchange[BodyType: string, Body: hello, CaughtExceptionType: TypeError, CaughtExceptionMessage: old]'
  expect(await lines('?showCaughtException=true', caught)).toEqual([text])
  expect(await lines('?showException=true', caught)).toEqual(['Exchange[BodyType: string, Body: hello]'])
  const both = (exchange: Exchange) => full(caught(exchange))
  expect(await lines('?showCaughtException=true&showException=true', both)).toEqual([
    'Exchange[BodyType: string, Body: hello, ExceptionType: RangeError, ExceptionMessage: too far]',
  ])
})

it('showStackTrace shows the failure with its stack', async () => {
  const [line] = await lines('?showStackTrace=true', full)
  expect(line).toContain('ExceptionMessage: too far, StackTrace: RangeError: too far\n    at ')
})

it('showAll shows everything', async () => {
  const [line = ''] = await lines('?showAll=true', full)
  const labels = [...line.matchAll(/(?:\[|, )(\w+): /g)].map(match => match[1])
  const all =
    'Id RouteId ExchangePattern Properties Variables Headers BodyType Body ExceptionType ExceptionMessage StackTrace'
  expect(labels).toEqual(all.split(' '))
})

it('multiline writes each part as a record of its own, cut off one by one', async () => {
  expect(await lines('?multiline=true&showHeaders=true&maxChars=20', full)).toEqual([
    'Exchange[',
    '  Headers: {foo=bar,...',
    '  BodyType: string',
    '  Body: hello',
    ']',
  ])
})

it('skipBodyLineSeparator puts a body of several lines into one', async () => {
  const body = (exchange: Exchange) => {
    exchange.body = 'a\r\nb\nc'
  }
  expect(await lines('?plain=true', body)).toEqual(['a b c'])
  expect(await lines('?plain=true&skipBodyLineSeparator=false', body)).toEqual(['a\r\nb\nc'])
  expect(await lines('?plain=true&skipBodyLineSeparator=false&multiline=true', body)).toEqual(['a', 'b', 'c'])
})

it('marker is a field of the record', async () => {
  expect((await records(''))[0]?.fields).toBeUndefined()
  expect((await records('?marker=audit'))[0]?.fields).toEqual({ marker: 'audit' })
})

it('logMask hides secrets wherever they are shown', async () => {
  const secret = (exchange: Exchange) => {
    exchange.message.setHeader('password', 'hunter2').setHeader('note', 'token=hunter2')
    exchange.setProperty('apiKey', 'hunter2').setVariable('v', { secret: 'hunter2', a: 1 })
    exchange.body = '{"password" : "hunt\\"er2","a":1} <s:secret x="1">hunter2</s:secret> http://joe:hunter2@host'
    exchange.exception = new Error('no password=hunter2')
  }
  const query = 'showAll=true&maxChars=0'
  expect((await lines(`?${query}`, secret)).join()).toContain('hunter2')
  const [masked = ''] = await lines(`?${query}&logMask=true`, secret)
  expect(masked).not.toMatch(/hunt\\?"?er2/)
  expect(masked).toContain('"password" : "xxxxxx","a":1} <s:secret x="1">xxxxxx</s:secret> http://joe:xxxxxx@host')
  expect(masked).toContain('{"secret":"xxxxxx","a":1}')
})

it('shows the endpoint that it was sent to once', async () => {
  const [line] = await lines('?showAllProperties=true', exchange => exchange.setProperty('CamelToEndpoint', 'own'))
  expect(line).toBe('Exchange[Properties: {CamelToEndpoint=own}, BodyType: string, Body: hello]')
})

it('names a stream and leaves it to be read', async () => {
  const stream = Readable.from(['a'])
  const web = new ReadableStream()
  const body = (value: unknown) => (exchange: Exchange) => {
    exchange.body = value
    exchange.message.setHeader('in', web)
  }
  expect(await lines('?showHeaders=true', body(stream))).toEqual([
    'Exchange[Headers: {in=[ReadableStream, not read]}, BodyType: Readable, Body: [Readable, not read]]',
  ])
  expect(stream.readableDidRead).toBe(false)
  expect(web.locked).toBe(false)
})

it.each([
  ['bytes', Buffer.from('hé'), 'BodyType: Buffer, Body: hé'],
  ['null', null, 'BodyType: null, Body: [Body is null]'],
  ['an object', { a: [1] }, 'BodyType: Object, Body: {"a":[1]}'],
  ['a function', () => 1, 'BodyType: function, Body: [function]'],
  [
    'an object whose text fails',
    {
      toString() {
        throw new Error('no\ntext')
      },
    },
    'BodyType: Object, Body: [Object, whose text failed: no text]',
  ],
])('shows %s', async (_, value, expected) => {
  const shown = await lines('', exchange => {
    exchange.body = value
  })
  expect(shown).toEqual([`Exchange[${expected}]`])
})

it('decodes no more of a large buffer than it shows', async () => {
  const length = { convert: (bytes: Uint8Array) => String(bytes.length) } as unknown as TypeConverters
  expect(showValue(Buffer.alloc(1_000_000), length, 3)).toBe('16')
  expect(showValue(Buffer.alloc(1_000_000), length, 0)).toBe('1000000')
  const [line] = await lines('?plain=true&maxChars=3', exchange => {
    exchange.body = Buffer.alloc(1_000, 'é')
  })
  expect(line).toBe('ééé...')
})

it('refuses options that mean nothing here, and only produces', () => {
  const error = thrownBy(() => createContext({ routes: [] }).endpoint('log:cat?showFuture=true'))
  expect(error.code).toBe('DROMEDARY_UNKNOWN_OPTION')
  expect(log.meta).toMatchObject({ consumes: false, produces: true })
  expect(log.meta.options.filter(option => option.required).map(option => option.name)).toEqual(['loggerName'])
})

it('names the endpoint and the route that the exchange came from', async () => {
  const input = sources()
  const sink = keepingSink()
  const route = from('source:in')
    .routeId('r')
    .to(log('cat', { showRouteId: true, showBodyType: false }))
  context = createContext({ log: sink, name: 'ctx', components: [input.component], routes: [route] })
  await context.start()
  await input.source('in').bring('x', exchange => {
    exchange.fromEndpoint += '?a=b'
  }).done
  expect(sink.records.filter(record => record.category === 'cat')).toEqual([
    { level: 'info', category: 'cat', message: 'Exchange[RouteId: r, Body: x]', context: 'ctx', origin: 'source://in' },
  ])
})
