// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { hostname, tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compileSimple } from '../src/language/simple/simple.ts'
import { beans, context, evaluate, exchangeOf, type Given, NOW, properties } from './simple-fixture.ts'

const table = (cases: readonly [text: string, given: Given, expected: unknown][]) => {
  test.each(cases)('%s with %o', (text, given, expected) => {
    expect(evaluate(text, given)).toEqual(expected)
  })
}

describe('body', () => {
  table([
    ['${body}', { body: 'x' }, 'x'],
    ['${bodyAs(String)}', { body: 5 }, '5'],
    ['${bodyAs(java.lang.String)}', { body: 5 }, '5'],
    ['${bodyAs(Integer)}', { body: '5' }, 5],
    ["${bodyAs('Boolean')}", { body: 'true' }, true],
    ['${bodyAs(byte[])}', { body: 'ab' }, Buffer.from('ab')],
    ['${bodyAs(json)}', { body: '{"a":1}' }, { a: 1 }],
    ['${bodyAs(json).a}', { body: '{"a":1}' }, 1],
    ['${bodyAs(Integer)}', { body: 'x' }, undefined],
    ['${bodyOneLine}', { body: 'a\r\nb\nc\rd' }, 'abcd'],
    ['${bodyOneLine}', {}, ''],
  ])
})

describe('headers, properties and variables', () => {
  const headers = { foo: 1, 'Content-Length': 42, 'order in progress': 'yes', 'a-b--': 3 }
  table([
    ['${header.foo}', { headers }, 1],
    ['${header.FOO}', { headers }, 1],
    ['${header[foo]}', { headers }, 1],
    ['${header:foo}', { headers }, 1],
    ['${headers.foo}', { headers }, 1],
    ['${headers[foo]}', { headers }, 1],
    ['${header.Content-Length}', { headers }, 42],
    ['${header[order in progress]}', { headers }, 'yes'],
    ["${header['order in progress']}", { headers }, 'yes'],
    ['${header[foo] == 1}', { headers }, true],
    ['${headers}', { headers: { a: 1 } }, { a: 1 }],
    ['${headers}', {}, {}],
    ['${headers.size}', { headers }, 4],
    ['${headers.size()}', {}, 0],
    ['${exchangeProperty.p}', { properties: { p: 2 } }, 2],
    ['${exchangeProperty[p]}', { properties: { p: 2 } }, 2],
    ['${exchangeProperty:p.q}', { properties: { p: { q: 3 } } }, 3],
    ['${variable.v}', { variables: { v: 3 } }, 3],
    ['${variable.global:v}', { variables: { 'global:v': 4 } }, 4],
    ['${variable.route:r1:v.x}', { variables: { 'route:r1:v': { x: 5 } } }, 5],
    ['${variables}', { variables: { v: 3 } }, { v: 3 }],
    ['${variables.size}', { variables: { v: 3 } }, 1],
  ])
})

describe('identity', () => {
  table([
    ['${exchangeId}', {}, '1'],
    ['${id}', {}, '1'],
    ['${routeId}', {}, 'route1'],
    ['${fromRouteId}', {}, 'from1'],
    ['${routeGroup}', {}, 'group1'],
    ['${stepId}', { properties: { CamelStepId: 's1' } }, 's1'],
    ['${stepId}', {}, undefined],
    ['${camelId}', {}, 'camel-1'],
    ['${hostName}', {}, hostname()],
    ['${hostname}', {}, hostname()],
  ])
  test('the thread is named', () => expect(evaluate('${threadName}')).toMatch(/^(main|worker-\d+)$/))
})

describe('errors', () => {
  const exception = Object.assign(new Error('boom'), { status: 500 })
  table([
    ['${exception}', { exception }, exception],
    ['${exception.message}', { exception }, 'boom'],
    ['${exception.stackTrace}', { exception }, exception.stack],
    ['${exception.stacktrace}', { exception }, exception.stack],
    ['${exception.status}', { exception }, 500],
    ['${exception.name}', { exception }, 'Error'],
    ['${exception.message}', { properties: { CamelExceptionCaught: exception } }, 'boom'],
    ['${exception.message}', { exception: 'thrown text' }, 'thrown text'],
    ['${exception.message}', {}, undefined],
    ['failed: ${exception}', { exception }, 'failed: Error: boom'],
  ])
})

describe('configuration', () => {
  beforeEach(() => {
    properties.set('greeting', 'hello').set('os.name', 'mine')
    process.env['SIMPLE_TEST'] = 'from env'
  })
  afterEach(() => {
    properties.clear()
    delete process.env['SIMPLE_TEST']
  })
  table([
    ['${properties:greeting}', {}, 'hello'],
    ['${properties:greeting:x}', {}, 'hello'],
    ['${properties:missing:a: b == c}', {}, 'a: b == c'],
    ['${properties:missing:}', {}, ''],
    ['${properties:missing:is ${body}}', { body: 1 }, 'is 1'],
    ['${properties:${header.key}}', { headers: { key: 'greeting' } }, 'hello'],
    ['${properties:${header.key}:none}', { headers: { key: 'a:b' } }, 'none'],
    ['${env.SIMPLE_TEST}', {}, 'from env'],
    ['${env:SIMPLE_TEST}', {}, 'from env'],
    ['${sysenv.SIMPLE_TEST}', {}, 'from env'],
    ['${env.SIMPLE_MISSING}', {}, undefined],
    ['${sys.os.name}', {}, 'mine'],
    ['${sys.java.io.tmpdir}', {}, tmpdir()],
    ['${sys.missing}', {}, undefined],
  ])
  test('a property without value and default fails', () => {
    expect(() => evaluate('${properties:missing}')).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_UNKNOWN_PLACEHOLDER', message: expect.stringContaining('missing') }),
    )
  })
})

describe('values', () => {
  table([
    ['${random(10)}', {}, 5],
    ['${random(1,10)}', {}, 5],
    ['${random(${body})}', { body: '4' }, 2],
    ['${uuid}', {}, '80808080-8080-4080-8080-808080808080'],
    ['${uuid(random)}', {}, '80808080-8080-4080-8080-808080808080'],
    ['${uuid(simple)}', {}, '80808080808040808080808080808080'],
    ['${uuid(short)}', {}, 'gICAgICAQICAgICAgICAgA'],
    ['${empty(list)}', {}, []],
    ['${empty(map)}', {}, {}],
    ['${empty(set)}', {}, new Set()],
    ['${empty(string)}', {}, ''],
    ['${messageTimestamp}', { headers: { CamelMessageTimestamp: NOW } }, NOW],
    ['${messageTimestamp}', {}, 0],
  ])
  test('the upper bound of random is left out, also at its ends', () => {
    const ends = [0, 0.999999].map(random => compileSimple('${random(1,4)}', { ...context, random: () => random }))
    expect(ends.map(end => end(exchangeOf()))).toEqual([1, 3])
    expect(() => evaluate('${random(5,5)}')).toThrow(expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }))
  })
})

describe('beans', () => {
  class Generator {
    readonly prefix = 'n'
    next() {
      return `${this.prefix}1`
    }
    ofBody(exchange: { body: unknown }) {
      return `${this.prefix}${exchange.body}`
    }
    two(_a: unknown, _b: unknown) {
      return 2
    }
    async later() {
      return 1
    }
  }
  beforeEach(() => {
    beans.set('generator', new Generator())
    beans.set('only', { method: () => ({ deep: 'x' }) })
    beans.set('fn', (exchange: { body: unknown }) => exchange.body)
  })
  table([
    ['${bean:generator.next}', {}, 'n1'],
    ['${bean:generator.next()}', {}, 'n1'],
    ['${bean:generator?method=ofBody}', { body: 7 }, 'n7'],
    ['${bean(generator.ofBody)}', { body: 7 }, 'n7'],
    ['${bean:only}', {}, { deep: 'x' }],
    ['${bean(only).deep}', {}, 'x'],
    ['${bean:fn}', { body: 7 }, 7],
    ['${ref:missing}', {}, undefined],
    ['${ref:only.method}', {}, undefined],
  ])
  test('ref gives the bean itself', () => expect(evaluate('${ref:generator}')).toBe(beans.get('generator')))
  test.each([
    ['${bean:missing}', 'DROMEDARY_UNKNOWN_BEAN', 'no bean named missing'],
    ['${bean:generator.nxt}', 'DROMEDARY_UNKNOWN_BEAN', 'next, ofBody, two, later'],
    ['${bean:generator}', 'DROMEDARY_UNKNOWN_BEAN', 'name one'],
    ['${bean:generator.toString}', 'DROMEDARY_UNKNOWN_BEAN', 'no method toString'],
    ['${bean:generator.two}', 'DROMEDARY_EXPRESSION_FAILED', 'more than one parameter'],
    ['${bean:generator.later}', 'DROMEDARY_EXPRESSION_FAILED', 'answers later'],
  ])('%s fails', (text, code, message) => {
    expect(() => evaluate(text)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })
})
