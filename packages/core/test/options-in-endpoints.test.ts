import fc from 'fast-check'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import { typeOf } from '../src/component/component-types.ts'
import type { Component } from '../src/component/contract.ts'
import { defineComponent, type EndpointAt } from '../src/component/define-component.ts'
import type { EndpointRef } from '../src/component/endpoint-ref.ts'
import { duration, flag, list, prefixed, text } from '../src/component/options.ts'
import { parseUri } from '../src/uri/parse.ts'
import { endpointInit } from './fake-endpoint-init.ts'
import { nastyText } from './nasty-text.ts'
import { thrownBy } from './thrown-by.ts'

const schema = vi.fn(() =>
  z.object({
    period: duration().default(1000).describe('Between two.'),
    fixedRate: flag().default(false),
    password: text().optional(),
    names: list().optional(),
    more: prefixed(),
  }),
)
let seen: EndpointAt<{ timerName: string }, z.output<ReturnType<typeof schema>>> | undefined
const timer = defineComponent({
  scheme: 'timer',
  title: 'Ticks.',
  syntax: 'timerName',
  path: { timerName: 'Its name.' },
  options: schema,
  consumes: true,
  produces: false,
  body: typeOf<null>(),
  endpoint(at) {
    seen = at
    return { uri: at.uri }
  },
})
const socket = defineComponent({
  scheme: 'socket',
  title: 'A socket.',
  syntax: 'protocol://host:port',
  path: { protocol: 'tcp or udp', host: 'Where.', port: { description: 'Its port.', optional: true } },
  consumes: true,
  produces: true,
  endpoint: at => ({ uri: at.uri, path: at.path }),
})
const master = defineComponent({
  scheme: 'master',
  title: 'Wraps.',
  syntax: 'namespace:uri',
  path: { namespace: 'Of what.', uri: 'What is wrapped.' },
  consumes: true,
  produces: false,
  wraps: true,
  endpoint: at => ({ uri: at.uri, path: at.path }),
})
const connect = (component: Component, uri: string) => {
  component.endpoint(endpointInit(uri))
  return seen
}

describe('a component', () => {
  it('builds its schema once, on first use', () => {
    expect(schema).not.toHaveBeenCalled()
    expect(timer.meta.options.map(option => option.name)).toEqual([
      'timerName',
      'period',
      'fixedRate',
      'password',
      'names',
      'more',
    ])
    connect(timer, 'timer:x')
    expect(schema).toHaveBeenCalledTimes(1)
  })

  it('says what it is', () => {
    expect(timer.scheme).toBe('timer')
    expect(timer.name).toBe('timer')
    expect(timer.meta).toMatchObject({
      title: 'Ticks.',
      syntax: 'timer:timerName',
      consumes: true,
      produces: false,
      wraps: false,
    })
    expect(timer.meta.options[0]).toEqual({
      name: 'timerName',
      kind: 'path',
      type: 'string',
      required: true,
      description: 'Its name.',
    })
  })

  it('gives its endpoint path and options, checked and decoded', () => {
    expect(connect(timer, 'timer://a%20b?period=5s')).toMatchObject({
      path: { timerName: 'a b' },
      options: { period: 5000, fixedRate: false },
      uri: 'timer://a%20b?period=5s',
    })
  })

  it.each([
    ['timer:', 'DROMEDARY_INVALID_URI', 'timerName is missing in timer://: write timer:timerName'],
    [
      'timer:x?perid=5s',
      'DROMEDARY_UNKNOWN_OPTION',
      /^timer has no option perid in timer:\/\/x\?perid=5s; did you mean period\?$/,
    ],
    [
      'timer:x?password=hunter2&period=x',
      'DROMEDARY_INVALID_OPTION',
      /not "x" in timer:\/\/x\?password=xxxxxx&period=x$/,
    ],
  ])('refuses %s', (uri, code, message) => {
    expect(thrownBy(() => connect(timer, uri))).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('takes a path apart by its syntax, and may leave out what is optional', () => {
    expect(socket.endpoint(endpointInit('socket:tcp://h:80'))).toMatchObject({
      path: { protocol: 'tcp', host: 'h', port: '80' },
    })
    expect(socket.endpoint(endpointInit('socket://tcp://a%3Ab'))).toMatchObject({
      path: { protocol: 'tcp', host: 'a:b' },
    })
    expect(thrownBy(() => socket.endpoint(endpointInit('socket:tcp')))).toMatchObject({
      message: 'host is missing in socket://tcp: write socket:protocol://host:port',
    })
  })

  it('must describe exactly the names of its syntax', () => {
    const spec = { scheme: 'x', title: '', consumes: true, produces: false, endpoint: () => ({ uri: '' }) }
    expect(() => defineComponent({ ...spec, syntax: 'a:b', path: { a: '' } as never })).toThrow(/b has no description/)
    expect(() => defineComponent({ ...spec, syntax: 'a', path: { a: '', b: '' } })).toThrow(/has no path parameter b/)
    expect(() => defineComponent({ ...spec, syntax: '', path: {} })).toThrow(/at least one path parameter/)
  })
})

describe('a component with other defaults', () => {
  it('is another component; the URI still wins', () => {
    const slow = timer({ period: '2s' })
    expect(connect(slow, 'timer:x')?.options).toMatchObject({ period: 2000, fixedRate: false })
    expect(connect(slow, 'timer:x?period=3s')?.options.period).toBe(3000)
    expect(connect(slow({ fixedRate: true }), 'timer:x')?.options).toMatchObject({ period: 2000, fixedRate: true })
    expect(connect(timer, 'timer:x')?.options.period).toBe(1000)
  })

  it.each([
    [{ perid: 5 }, 'timer has no option perid, which is given as a default; did you mean period?'],
    [{ period: 'soon' }, /the default of timer option period must be milliseconds/],
    [{ period: '{{p}}' }, /placeholders are resolved in URIs only/],
  ])('is refused at once: %j', (defaults, message) => {
    expect(thrownBy(() => timer(defaults as object)).message).toMatch(message)
  })
})

describe('an endpoint written as a call', () => {
  it.each([
    [timer('heartbeat', { period: '10s' }), 'timer:heartbeat?period=10s'],
    [timer('x'), 'timer:x'],
    [timer('x', { fixedRate: true, period: 5 }), 'timer:x?fixedRate=true&period=5'],
    [timer('{{name}}', { period: '{{p:5s}}', password: '{{?pw}}' }), 'timer:{{name}}?period={{p:5s}}&password={{?pw}}'],
    [timer('x', { password: 'a&b' }), 'timer:x?password=RAW(a&b)'],
    [timer('x', { password: 'a)&b' }), 'timer:x?password=RAW{a)&b}'],
    [timer('x', { password: 'a)&b}&c' }), 'timer:x?password=a%29%26b%7D%26c'],
    [timer('x', { names: ['a', 'b'], more: { 'linger.ms': 5 } }), 'timer:x?names=a,b&more.linger.ms=5'],
    [timer('a?b:c/d'), 'timer:a%3Fb:c/d'],
    [timer('//x'), 'timer:%2F/x'],
    [socket('tcp', 'a:b', '80'), 'socket:tcp://a%3Ab:80'],
    [socket('tcp', 'h', undefined), 'socket:tcp://h'],
    [
      master('{{node.namespace}}', timer('clustered', { period: '5s' })),
      'master:{{node.namespace}}:timer:clustered?period=5s',
    ],
    [master('a:b', 'timer:x?period=1'), 'master:a%3Ab:timer:x?period=1'],
  ])('%j', (ref, uri) => {
    expect(ref).toEqual({ uri })
    expect(Object.isFrozen(ref)).toBe(true)
  })

  it('means exactly the values that were given', () => {
    const words = nastyText().filter(word => !word.includes('{{') && word !== '')
    fc.assert(
      fc.property(words, words, words, (name, password, key) => {
        const { uri } = timer(name, { password, more: { [key]: password } })
        expect(connect(timer, uri)).toMatchObject({
          path: { timerName: name },
          options: { password, more: { [key]: password } },
        })
      }),
    )
  })

  it.each([
    [() => timer(''), 'timerName is missing: write timer:timerName'],
    [() => master('', 'timer:x'), 'namespace is missing: write master:namespace:uri'],
    [() => master('ns', ''), 'uri is missing: write master:namespace:uri'],
    [() => timer('x', { names: ['a,b'] }), /timer option names cannot be written into a URI: .* comma/],
  ])('is refused when it cannot be written', (call, message) => {
    expect(thrownBy(call).message).toMatch(message)
  })

  it('is checked by the compiler, and knows its body', () => {
    // @ts-expect-error: no such option
    timer('x', { perid: '5s' })
    // @ts-expect-error: no duration
    timer('x', { period: 'soon' })
    // @ts-expect-error: no name
    expect(() => timer()).toThrow()
    expectTypeOf(timer('x')).toEqualTypeOf<EndpointRef<null>>()
    expectTypeOf(master('ns', timer('x'))).toEqualTypeOf<EndpointRef<null>>()
    expectTypeOf(master('ns', 'timer:x')).toEqualTypeOf<EndpointRef<unknown>>()
  })
})

describe('a wrapping component', () => {
  it('gets the delegate as written, with the whole query', () => {
    const uri = 'master://ns:ftp://me:x%40y@host/a%20b?password=RAW(a&b)'
    expect(master.endpoint(endpointInit(uri))).toMatchObject({
      path: { namespace: 'ns', uri: 'ftp://me:x%40y@host/a%20b?password=RAW(a&b)' },
    })
    expect(parseUri(uri).masked).not.toMatch(/a%26b|x%40y/)
  })

  it.each(['master:ns', 'master:ns:', 'master::timer:x', 'master:'])('refuses %s', uri => {
    expect(thrownBy(() => master.endpoint(endpointInit(uri)))).toMatchObject({
      code: 'DROMEDARY_INVALID_URI',
      message: expect.stringContaining('write master:namespace:uri'),
    })
  })
})
