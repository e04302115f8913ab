// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import { evaluate, type Given, holds } from './simple-fixture.ts'

/** `a OP b` written between functions, with b as a literal and as a header, and inside braces. */
type Case = [left: unknown, operator: string, literal: string, expected: boolean]

const EQUALITY: Case[] = [
  ['abc', '==', "'abc'", true],
  ['abc', '==', '"abc"', true],
  ['abc', '==', "'def'", false],
  ['', '==', "''", true],
  ['', '==', 'null', false],
  [undefined, '==', 'null', true],
  [null, '==', 'null', true],
  ['x', '!=', 'null', true],
  [null, '!=', "'x'", true],
  [123, '==', '123', true],
  [123, '==', "'123'", true],
  [123, '==', "'-'", false],
  [123, '==', '-123', false],
  ['0.02', '==', '0.02', true],
  ['0001', '==', "'001'", true],
  ['9007199254740993', '==', "'9007199254740992'", false],
  ['1.0', '==', "'1.00'", false],
  [true, '==', 'true', true],
  [true, '==', "'true'", true],
  [false, '==', "'false'", true],
  ['true', '==', 'true', true],
  [10n, '==', '10', true],
  [new Date(5), '==', '5', true],
  [Buffer.from('ab'), '==', "'ab'", true],
  ['abc', '!=', "'abc'", false],
  ['abc', '!=', "'x'", true],
  ['abc', '=~', "'ABC'", true],
  ['abc', '=~', "'def'", false],
  [123, '=~', "'123'", true],
  ['abc', '!=~', "'ABC'", false],
  ['abc', '!=~', "'x'", true],
  ['0001', 'equals', "'001'", false],
  ['0001', 'equals', "'0001'", true],
  [1, 'equals', "'1'", true],
  [undefined, 'equals', "''", false],
  ['0001', '!equals', "'001'", true],
  ['0001', 'not equals', "'0001'", false],
]

const ORDER: Case[] = [
  ['70', '>', '8', true],
  ['70', '>', '100', false],
  ['70', '<', '100', true],
  ['0.02', '>', '0.01', true],
  ['0.02', '>', '0.02', false],
  ['0.02', '>=', '0.02', true],
  [123, '>', "'100'", true],
  [123, '>=', '123', true],
  [123, '<=', '122', false],
  [123, '<', '200', true],
  ['abc', '>', "'aaa'", true],
  ['abc', '<=', "'def'", true],
  ['0099', '<', "'555'", true],
  ['b', '>', "'10'", true],
  [10n, '>', '9.5', true],
  [new Date(2000), '>', "'1970-01-01T00:00:01Z'", true],
  [undefined, '>', '1', false],
  [undefined, '<', '1', false],
  [undefined, '<=', 'null', true],
  [undefined, '>', 'null', false],
]

const TEXT: Case[] = [
  ['abc', 'contains', "'b'", true],
  ['abc', 'contains', "'B'", false],
  ['is 42 here', 'contains', '42', true],
  [undefined, 'contains', "'a'", false],
  [['a', 'b'], 'contains', "'b'", true],
  [['ab'], 'contains', "'b'", false],
  [[1, 2], 'contains', "'2'", true],
  [new Set(['x']), 'contains', "'x'", true],
  ['abc', '!contains', "'b'", false],
  ['abc', 'not contains', "'x'", true],
  ['abc', '~~', "'BC'", true],
  [['AB'], '~~', "'ab'", true],
  ['abc', '!~~', "'BC'", false],
  ['abc', 'startsWith', "'ab'", true],
  ['abc', 'starts with', "'b'", false],
  ['01234', 'startsWith', '1234', false],
  ['abc', '!startsWith', "'ab'", false],
  ['abc', 'endsWith', "'bc'", true],
  ['abc', 'ends with', "'bc'", true],
  ['abc', '!endsWith', "'x'", true],
  ['abc', 'regex', "'a.c'", true],
  ['xabcx', 'regex', "'a.c'", false],
  ['abc', 'regex', "'a|abc'", true],
  ['ABC', 'regex', "'(?i)abc'", true],
  [1234, 'regex', "'\\d{4}'", true],
  [1234, '!regex', "'\\d{3}'", true],
  ['abc', 'not regex', "'abc'", false],
  [undefined, 'regex', "'.*'", false],
]

const SETS: Case[] = [
  ['gold', 'in', "'gold,silver'", true],
  ['gol', 'in', "'gold,silver'", false],
  [123, 'in', "'100,123'", true],
  ['', 'in', "',,gold'", true],
  ['gold', '!in', "'gold,silver'", false],
  ['lead', 'not in', "'gold,silver'", true],
  [150, 'range', '100..199', true],
  ['199', 'range', "'100..199'", true],
  [100, 'range', '100..199', true],
  [200, 'range', '100..199', false],
  ['abc', 'range', '100..199', false],
  [undefined, 'range', '0..1', false],
  [150, '!range', '100..199', false],
  ['abc', 'not range', '100..199', true],
  ['x', 'is', "'String'", true],
  ['x', 'is', "'java.lang.String'", true],
  ['x', 'is', "'Integer'", false],
  [5, 'is', "'Integer'", true],
  [5.5, 'is', "'Integer'", false],
  [5.5, 'is', "'Number'", true],
  [[1], 'is', "'java.util.List'", true],
  [{ a: 1 }, 'is', "'Map'", true],
  [Buffer.from(''), 'is', "'byte[]'", true],
  [new TypeError('x'), 'is', "'Exception'", true],
  [new TypeError('x'), 'is', "'TypeError'", true],
  [new TypeError('x'), 'is', "'RangeError'", false],
  [null, 'is', "'Object'", false],
  ['x', '!is', "'String'", false],
  ['x', 'not is', "'Integer'", true],
]

describe.each([
  ['equality', EQUALITY],
  ['order', ORDER],
  ['text', TEXT],
  ['sets, ranges and types', SETS],
])('%s', (_, cases) => {
  test.each(cases)('%o %s %s is %s', (left, operator, literal, expected) => {
    const right = /^['"]/.test(literal) ? literal.slice(1, -1) : evaluateLiteral(literal)
    const given: Given = { body: left, headers: { left, right } }
    expect(holds(`\${header.left} ${operator} ${literal}`, given)).toBe(expected)
    expect(holds(`\${body} ${operator} ${literal}`, given)).toBe(expected)
    expect(holds(`\${body} ${operator} \${header.right}`, given)).toBe(expected)
    expect(evaluate(`\${body ${operator} ${literal}}`, given)).toBe(expected)
    expect(holds(`!\${body ${operator} ${literal}}`, given)).toBe(!expected)
  })
})

const evaluateLiteral = (text: string): unknown =>
  text === 'null' ? null : text === 'true' ? true : Number.isNaN(Number(text)) ? text : Number(text)

test('objects and lists are equal by what is in them', () => {
  const given = { body: { a: [1, { b: 2 }] }, headers: { same: { a: [1, { b: 2 }] }, other: { a: [] } } }
  expect(holds('${body} == ${header.same}', given)).toBe(true)
  expect(holds('${body} == ${header.other}', given)).toBe(false)
})

test('a wrong pattern or range from a message fails with the text and the cause', () => {
  const failure = expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED', cause: expect.any(Error) })
  expect(() => holds('${body} regex ${header.p}', { body: 'x', headers: { p: '(' } })).toThrow(failure)
  expect(() => holds('${body} range ${header.p}', { body: 'x', headers: { p: '1-2' } })).toThrow(failure)
})

test('a wrong pattern or range in the text is found at compile time', () => {
  const failure = expect.objectContaining({ code: 'DROMEDARY_INVALID_EXPRESSION' })
  expect(() => holds("${body} regex '('")).toThrow(failure)
  expect(() => holds('${body} range abc..200')).toThrow(failure)
  expect(() => holds('${body} range 100.200')).toThrow(failure)
})
