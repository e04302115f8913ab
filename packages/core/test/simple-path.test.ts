// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import { evaluate, type Given, holds } from './simple-fixture.ts'

class Address {
  readonly lines = ['a', 'b', 'c']
  #zip = '1000'

  get zip(): string {
    return this.#zip
  }

  getStreet(): string {
    return 'Main Street'
  }

  isSunny(): boolean {
    return true
  }

  doSomething(): string {
    return `done in ${this.#zip}`
  }

  withArgument(other: string): string {
    return other
  }
}

class Home extends Address {}

const body = {
  address: new Home(),
  'a b': 1,
  list: [1, 2, 3],
  nothing: null,
  map: new Map<unknown, unknown>([
    ['k', 'v'],
    [7, 'seven'],
  ]),
}

describe('a path into a value', () => {
  test.each<[text: string, expected: unknown]>([
    ['${body.list}', body.list],
    ['${body.list[0]}', 1],
    ['${body.list[last]}', 3],
    ['${body.list[last-1]}', 2],
    ['${body.list[9]}', undefined],
    ['${body.list.size()}', 3],
    ['${body.list.size}', 3],
    ['${body.list.length}', 3],
    ['${body.list.isEmpty()}', false],
    ["${body['a b']}", 1],
    ['${body["a b"]}', 1],
    ['${body[a b]}', 1],
    ['${body.size()}', 5],
    ['${body.map.k}', 'v'],
    ['${body.map[k]}', 'v'],
    ['${body.map[7]}', 'seven'],
    ['${body.map.size}', 2],
    ['${body.missing}', undefined],
    ['${body?.missing?.more}', undefined],
    ['${body.nothing?.more}', undefined],
    ['${body.nothing?[0]}', undefined],
    ['${body.address.zip}', '1000'],
    ['${body.address.getZip}', '1000'],
    ['${body.address.getZip()}', '1000'],
    ['${body.address.street}', 'Main Street'],
    ['${body.address.getStreet()}', 'Main Street'],
    ['${body.address.sunny}', true],
    ['${body.address.doSomething}', 'done in 1000'],
    ['${body.address.doSomething()}', 'done in 1000'],
    ['${body.getAddress.getStreet}', 'Main Street'],
    ['${body.address.lines[${header.at}]}', 'b'],
    ["${body['${header.key}']}", 1],
    ['${header.text.length}', 5],
    ['${header.text.trim()}', 'abc'],
    ['${header.text.toUpperCase()}', ' ABC '],
    ['${header.text.isEmpty()}', false],
    ['${header.when.getTime()}', 5],
    ['${header.when.time}', 5],
    ['${header.bytes.length}', 2],
    ['${bodyAs(String).length}', JSON.stringify(body).length],
  ])('%s', (text, expected) => {
    const headers = { at: 1, key: 'a b', text: ' abc ', when: new Date(5), bytes: Buffer.from('xy') }
    expect(evaluate(text, { body, headers })).toEqual(expected)
  })

  test('into nothing is nothing, one step further is an error that says how to allow for it', () => {
    expect(evaluate('${body.a.b.c}')).toBeUndefined()
    expect(evaluate('${header.a.b}')).toBeUndefined()
    expect(() => evaluate('${body.nothing.more}', { body })).toThrow(
      expect.objectContaining({
        code: 'DROMEDARY_EXPRESSION_FAILED',
        message: expect.stringMatching(/"\$\{body\.nothing\.more\}": cannot read \.more of \.nothing.*\?\.more/),
      }),
    )
  })

  test('a key with dots is tried as a whole first', () => {
    expect(evaluate('${header.a.b}', { headers: { a: { b: 1 } } })).toBe(1)
    expect(evaluate('${header.a.b}', { headers: { a: { b: 1 }, 'a.b': 2 } })).toBe(2)
  })

  test.each<[text: string, given: Given]>([
    ['${body.foo()}', { body: {} }],
    ['${body.withArgument()}', { body: new Address() }],
    ['${body.foo}', { body: 'text' }],
    ['${body[0]}', { body: 5 }],
    ['${body.substring()}', { body: 'text' }],
  ])('%s fails: there is no such thing', (text, given) => {
    expect(() => evaluate(text, given)).toThrow(expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }))
  })

  test('an error of a method passes unchanged', () => {
    const error = new Error('mine')
    const failing = {
      get value(): string {
        throw error
      },
    }
    expect(() => evaluate('${body.value}', { body: failing })).toThrow(error)
  })
})

describe('a path never leads to the machinery behind a value', () => {
  test.each([
    '${body.constructor}',
    '${body.constructor()}',
    '${body?.prototype}',
    '${body.__proto__}',
    '${body[__proto__]}',
    "${body['constructor']}",
    '${header.x.constructor.name}',
    '${body.__defineGetter__()}',
    '${bean:x.constructor}',
  ])('%s is refused', text => {
    expect(() => evaluate(text)).toThrow(expect.objectContaining({ code: 'DROMEDARY_INVALID_EXPRESSION' }))
  })

  test.each(['constructor', '__proto__', 'prototype', ' constructor '])('the key %o from a message is refused', key => {
    for (const text of ['${body[${header.key}]}', '${header[${header.key}]}', "${body['${header.key}']}"]) {
      expect(() => evaluate(text, { body: {}, headers: { key } })).toThrow(
        expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }),
      )
    }
  })

  test.each([
    ['valueOf', {}],
    ['hasOwnProperty', {}],
    ['pop', [1]],
    ['reverse', [1]],
    ['keys', new Map()],
    ['clear', new Map([['a', 1]])],
    ['call', () => 1],
    ['getConstructor', {}],
    ['setTime', new Date(0)],
  ])('%s of a built-in type is not there', (name, target) => {
    const headers = { key: name }
    expect(() => evaluate(`\${body.${name}()}`, { body: target })).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }),
    )
    const isFunction = typeof target === 'function'
    if (!isFunction) expect(evaluate('${body[${header.key}]}', { body: target, headers })).toBeUndefined()
  })

  test('a map made from a message has no prototype to spoil', () => {
    expect(holds("${map(__proto__,'x')} is 'Map'")).toBe(true)
    expect(Object.keys(evaluate('${map(__proto__,1)}') as object)).toEqual(['__proto__'])
  })
})
