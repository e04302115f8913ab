import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { firstJsonError } from '../src/data-format/json-check.ts'
import {
  base64,
  type Context,
  type ContextOptions,
  type DataFormat,
  DromedaryError,
  type Exchange,
  from,
  gzip,
  json,
  type RouteSource,
} from '../src/index.ts'
import { running } from './support/run.ts'
import { thrownBy } from './thrown-by.ts'

let context: Context | undefined
async function run(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  const started = await running(routes, options)
  context = started.context
  return started
}
afterEach(() => context?.stop())

const none = undefined as unknown as Exchange
const read = (text: unknown, options = {}) => json(options).unmarshal(none, text)
const write = (value: unknown, options = {}) => json(options).marshal(none, value)
const wrong = (text: unknown, options = {}) => thrownBy(() => read(text, options))

describe('json', () => {
  it.each<[string, unknown]>([
    ['a text', '{"a":[1,null,"é"]}'],
    ['a Buffer', Buffer.from('{"a":[1,null,"é"]}')],
    ['bytes', new TextEncoder().encode('{"a":[1,null,"é"]}')],
    ['bytes with a byte order mark', Buffer.from('\ufeff{"a":[1,null,"é"]}')],
  ])('reads %s', (_, body) => {
    expect(read(body)).toEqual({ a: [1, null, 'é'] })
  })

  it('writes a text, in lines if asked for', () => {
    expect(write({ a: [1] })).toBe('{"a":[1]}')
    expect(write({ a: 1 }, { prettyPrint: true })).toBe('{\n  "a": 1\n}')
  })

  it('lets a reviver look at each value', () => {
    expect(read('{"at":"x"}', { reviver: (key: string, value: unknown) => (key === 'at' ? 1 : value) })).toEqual({
      at: 1,
    })
    const failing = () => {
      throw new Error('mine')
    }
    expect(() => read('1', { reviver: failing })).toThrow('mine')
  })

  it.each([
    ['', /empty/],
    ['  ', /empty/],
    ['{"a":x}', /position 5: found "x}"/],
    ['{"a":1,}', /position 7: found "}"/],
    ['[1 2]', /position 3: found "2]"/],
    ['{a:1}', /position 1: found "a:1}"/],
    ['{"a" 1}', /position 5: found "1}"/],
    ['{"a":1', /position 6: it ends too early/],
    ['"abc', /position 0/],
    ['[01]', /position 2: found "1]"/],
    ['1 2', /position 2: found "2"/],
    ['["\u0001"]', /position 1/],
    ['[1,]', /position 3: found "]"/],
    ['{"a":1}}', /position 7: found "}"/],
    [`[${'1,'.repeat(50)}nope]`, /position 101: found "nope]"/],
  ])('says where %s stops being JSON', (text, message) => {
    expect(wrong(text)).toMatchObject({ code: 'DROMEDARY_DATA_FORMAT', message: expect.stringMatching(message) })
    expect(wrong(text).cause).toBeUndefined()
  })

  it('finds nothing in JSON, and what is broken in it at its token', () => {
    const values = [{}, [], { a: [1, -2.5e-7, true, null, 'é"\\\n', { b: {} }] }, [[[]], [{}, 'x']], 'text', 0, false]
    for (const value of values) {
      for (const indent of [0, 2]) {
        const text = JSON.stringify(value, undefined, indent)
        expect(firstJsonError(text)).toBe(text.length)
        for (let at = 0; at < text.length; at++) {
          const found = firstJsonError(`${text.slice(0, at)}\u0000${text.slice(at + 1)}`)
          expect(found).toBeLessThanOrEqual(at)
          expect(found).toBeGreaterThan(at - 12)
        }
      }
    }
  })

  it('quotes no more than a little of what comes from outside', () => {
    const secret = 'x'.repeat(500)
    for (const text of [`{"a":${secret}`, secret, `"${secret}`]) {
      expect(wrong(text).message).not.toContain('x'.repeat(41))
    }
    expect(wrong(`{"a":"\n${secret}"}`).message).not.toContain('x'.repeat(41))
  })

  it.each<[string, unknown, RegExp]>([
    ['null', null, /type null/],
    ['an object', { a: 1 }, /type Object/],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), /not UTF-8/],
  ])('refuses %s', (_, body, message) => {
    expect(wrong(body)).toMatchObject({ code: 'DROMEDARY_DATA_FORMAT', message: expect.stringMatching(message) })
  })

  it('refuses what is too long, by characters or bytes, before it is read', () => {
    expect(read('[1,2]', { maxLength: 5 })).toEqual([1, 2])
    expect(wrong('[1,2,3]', { maxLength: 5 }).message).toMatch(/length of 7; the limit is 5/)
    expect(wrong(Buffer.from('"ééé"'), { maxLength: 6 }).message).toMatch(/length of 8; the limit is 6/)
  })

  it.each([
    ['{"__proto__":{"polluted":1}}', /at the top/],
    ['{"a":[{"b":{"__proto__":1}}]}', /in a\.0\.b/],
    ['{"\\u005f_proto__":1}', /at the top/],
    ['{"__p\\u0072oto__":1}', /at the top/],
    ['{"__pro\\u0054o__":1,"__pro\\u0074o__":1}', /at the top/],
  ])('refuses the key __proto__ in %s', (text, message) => {
    expect(wrong(text)).toMatchObject({ code: 'DROMEDARY_DATA_FORMAT', message: expect.stringMatching(message) })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('takes __proto__ in a value, and other keys like it', () => {
    expect(read('{"a":"__proto__","__proto":1,"b":["\\u005f"]}')).toEqual({ a: '__proto__', __proto: 1, b: ['_'] })
  })

  it('refuses a value that cannot be written, and says why', () => {
    const circle: Record<string, unknown> = {}
    circle['circle'] = circle
    for (const value of [circle, 1n, undefined, () => {}]) {
      expect(thrownBy(() => write(value))).toMatchObject({ code: 'DROMEDARY_DATA_FORMAT' })
    }
  })

  it('refuses an option that there is not', () => {
    expect(thrownBy(() => json({ pretty: true } as object)).code).toBe('DROMEDARY_INVALID_OPTION')
  })

  it('looks through deep nesting without a recursion of its own', () => {
    const deep = `${'['.repeat(5000)}"__proto__"${']'.repeat(5000)}`
    expect(() => read(deep)).not.toThrow()
    expect(wrong(`${'['.repeat(100_000)}x`).message).toMatch(/position 100000/)
  })
})

describe('base64', () => {
  const format = base64()
  it('there and back', () => {
    expect(format.marshal(none, 'hé?>')).toBe('aMOpPz4=')
    expect(format.marshal(none, new Uint8Array([255, 254]).subarray(1))).toBe('/g==')
    expect(base64({ urlSafe: true }).marshal(none, new Uint8Array([255, 254]))).toBe('__4')
    expect(String(format.unmarshal(none, 'aMOp\r\nPz4='))).toBe('hé?>')
    expect(format.unmarshal(none, '__4')).toEqual(Buffer.from([255, 254]))
  })
  it('refuses what is no Base64, and what is too long', () => {
    expect(thrownBy(() => format.unmarshal(none, 'ab!c')).message).toMatch(/position 2/)
    expect(thrownBy(() => base64({ maxLength: 3 }).unmarshal(none, 'abcd')).message).toMatch(/limit is 3/)
  })
})

describe('gzip', () => {
  it('there and back, short and long', async () => {
    const long = 'abc'.repeat(100_000)
    for (const text of ['short', long]) {
      const packed = (await gzip().marshal(none, text)) as Buffer
      expect(String(gunzipSync(packed))).toBe(text)
      expect(String(await gzip().unmarshal(none, packed))).toBe(text)
    }
  })
  it('refuses what is no gzip, and what would be too long', async () => {
    await expect(gzip().unmarshal(none, 'nope')).rejects.toMatchObject({ code: 'DROMEDARY_DATA_FORMAT' })
    const bomb = (await gzip().marshal(none, '0'.repeat(100_000))) as Buffer
    await expect(gzip({ maxLength: 1000 }).unmarshal(none, bomb)).rejects.toMatchObject({
      code: 'DROMEDARY_DATA_FORMAT',
    })
  })
})

describe('marshal and unmarshal', () => {
  it('change the body, without a promise, and say the content type', async () => {
    const { source, sink } = await run([
      from('source:in')
        .unmarshal('json')
        .setBody(exchange => ({ got: exchange.body }))
        .marshal(json())
        .process(exchange => expect(exchange.message.header('Content-Type')).toBe('application/json'))
        .to('sink:out'),
    ])
    const { exchange, done } = source.bring('[1]')
    expect(done).toBeUndefined()
    expect(exchange.exception).toBeUndefined()
    expect(sink.bodies).toEqual(['{"got":[1]}'])
  })

  it('say no content type where that is not wanted, and none for what has none', async () => {
    const { source } = await run([
      from('source:in')
        .marshal(json({ contentTypeHeader: false }))
        .marshal('base64')
        .to('sink:out'),
    ])
    const { exchange, done } = source.bring([1])
    await done
    expect(exchange.body).toBe('WzFd')
    expect(exchange.message.hasHeaders()).toBe(false)
  })

  it('read a variable, and write one: then the message stays as it is', async () => {
    const { source } = await run([
      from('source:in')
        .setVariable('in', '[1]')
        .unmarshal('json', { variableSend: 'in', variableReceive: 'value' })
        .marshal('json', { variableSend: 'value', variableReceive: 'out' }),
    ])
    const { exchange, done } = source.bring('x')
    await done
    expect([exchange.body, exchange.getVariable('value'), exchange.getVariable('out')]).toEqual(['x', [1], '[1]'])
    expect(exchange.message.hasHeaders()).toBe(false)
  })

  it('a body that is null fails, unless that is allowed', async () => {
    const { source, sources } = await run([
      from('source:in').unmarshal('json'),
      from('source:lax').unmarshal('json', { allowNullBody: true }),
    ])
    expect(source.bring(null).exchange.exception).toMatchObject({ code: 'DROMEDARY_DATA_FORMAT' })
    const { exchange } = sources.source('lax').bring(null)
    expect([exchange.failed, exchange.body]).toEqual([false, null])
  })

  it('take a bean, by reference or by name, that may be asynchronous', async () => {
    const shout: DataFormat<string> = {
      name: 'shout',
      contentType: 'text/shout',
      marshal: async (_, value) => `${value}!`,
      unmarshal: async (_, value) => `${value}`.slice(0, -1),
    }
    const { source } = await run(
      [from('source:in').marshal('shout').marshal({ ref: 'shout' }).unmarshal({ ref: '#bean:shout' })],
      { beans: { shout } },
    )
    const { exchange, done } = source.bring('x')
    await done
    expect(exchange.body).toBe('x!')
    expect(exchange.message.header('Content-Type')).toBe('text/shout')
  })

  it('a data format that there is not is refused at start, with the near name', async () => {
    await expect(run([from('source:in').marshal('jsn')])).rejects.toMatchObject({
      code: 'DROMEDARY_UNKNOWN_BEAN',
      message: expect.stringMatching(/jsn.*json/),
    })
    await expect(run([from('source:in').marshal({ ref: 'x' })], { beans: { x: {} } })).rejects.toBeInstanceOf(
      DromedaryError,
    )
  })

  it('as plain data take options of core by name', async () => {
    const step = { kind: 'marshal', dataFormat: { name: 'json', options: { prettyPrint: true } } } as const
    const { source } = await run([{ from: { uri: 'source:in' }, steps: [step] }])
    expect(source.bring([1]).exchange.body).toBe('[\n  1\n]')
  })

  it('know the type of the body', () => {
    from('direct:a')
      .unmarshal(json<{ n: number }>())
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<{ n: number }>())
      .marshal('json', { variableReceive: 'v' })
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<{ n: number }>())
      .unmarshal('json')
      .process(exchange => expectTypeOf(exchange.body).toBeUnknown())
      .unmarshal(gzip())
      .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<Buffer>())
  })
})
