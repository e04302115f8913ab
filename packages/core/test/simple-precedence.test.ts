// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import { evaluate, exchangeOf, holds } from './simple-fixture.ts'

const BOOLEANS = [true, false]

describe('&& binds tighter than ||', () => {
  for (const a of BOOLEANS) {
    for (const b of BOOLEANS) {
      for (const c of BOOLEANS) {
        const given = { headers: { a, b, c } }
        test(`a=${a} b=${b} c=${c}`, () => {
          expect(holds('${header.a} || ${header.b} && ${header.c}', given)).toBe(a || (b && c))
          expect(holds('${header.a} && ${header.b} || ${header.c}', given)).toBe((a && b) || c)
          expect(holds('${header.a || header.b && header.c}', given)).toBe(a || (b && c))
          expect(holds('${header.a && header.b || header.c}', given)).toBe((a && b) || c)
          expect(holds('!${header.a} && ${header.b} || !${header.c}', given)).toBe((!a && b) || !c)
          expect(holds('${header.a} == true || ${header.b} == true && ${header.c} == true', given)).toBe(a || (b && c))
        })
      }
    }
  }
})

test('the right side of && and || is left alone when the left one decides', () => {
  let asked = 0
  const body = {
    get asked() {
      asked++
      return true
    },
  }
  expect(holds('${header.x} == 1 && ${body.asked}', { body })).toBe(false)
  expect(holds('${header.x} == null || ${body.asked}', { body })).toBe(true)
  expect(asked).toBe(0)
  expect(holds('${header.x} == null && ${body.asked}', { body })).toBe(true)
  expect(asked).toBe(1)
})

test('++ and --, chains and elvis bind tighter than comparisons', () => {
  const given = { body: 5, headers: { n: '7', text: ' a ' } }
  expect(holds('${body}++ == 6', given)).toBe(true)
  expect(holds('${body}-- == 4 && 7 == ${header.n}', given)).toBe(true)
  expect(holds("${header.text} ~> ${trim()} == 'a'", given)).toBe(true)
  expect(holds("${header.missing} ?: 'x' == 'x'", given)).toBe(true)
  expect(holds("'x' == ${header.missing} ?: 'x'", given)).toBe(true)
})

test('! negates its own function only; several stand in braces', () => {
  const given = { body: 'x' }
  expect(holds('!${body.isEmpty()}', given)).toBe(true)
  expect(holds('${!body.isEmpty()}', given)).toBe(true)
  expect(holds('${!!body.isEmpty()}', given)).toBe(false)
  expect(holds('!${header.missing}', given)).toBe(true)
  expect(holds('!${body} || ${body}', given)).toBe(true)
  expect(holds('!${body || header.missing}', given)).toBe(false)
  expect(evaluate('Hello ${body}!', given)).toBe('Hello x!')
})

describe('a value alone as a predicate', () => {
  test.each([
    [null, false],
    [undefined, false],
    [false, false],
    ['false', false],
    ['FALSE', false],
    ['', false],
    [' ', false],
    [[], false],
    [new Set(), false],
    [new Map(), false],
    [0, true],
    ['0', true],
    ['no', true],
    [{}, true],
    [[0], true],
    [true, true],
  ])('%o is %s', (body, expected) => {
    expect(holds('${body}', { body })).toBe(expected)
    expect(holds('${body} && true', { body })).toBe(expected)
  })

  test('true and false stand for themselves', () => {
    expect(holds('true')).toBe(true)
    expect(holds('false')).toBe(false)
  })
})

test('blanks and line ends may stand anywhere around operators', () => {
  const exchange = { body: 1, headers: { a: 'x' } }
  expect(holds("  ${body}\n  ==\t1\n&&   ${header.a}   starts  with 'x'  ", exchange)).toBe(true)
  expect(evaluate('${header.a}\n  ~> ${uppercase()}', exchange)).toBe('X')
  expect(exchangeOf(exchange).body).toBe(1)
})
