// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import {
  body,
  constant,
  type ExpressionDefinition,
  exchangeProperty,
  header,
  simple,
  toExpression,
  variable,
} from '../src/definition/expression.ts'
import type { Exchange } from '../src/exchange/exchange.ts'
import { builtInLanguages } from '../src/language/built-in.ts'
import { compileExpression, compilePredicate } from '../src/language/expressions.ts'
import { type Language, LanguageRegistry } from '../src/language/registry.ts'
import { context, exchangeOf, type Given } from './simple-fixture.ts'

const given: Given = {
  body: 'b',
  headers: { h: 'hv', no: 'false' },
  properties: { p: 'pv' },
  variables: { v: 'vv' },
}

const failing = new Error('mine')
const cases: [name: string, definition: ExpressionDefinition, value: unknown, truth: boolean][] = [
  ['simple', simple('[${body}]'), '[b]', true],
  ['constant', constant(5), 5, true],
  ['constant undefined', constant(undefined), undefined, false],
  ['constant as text', { language: 'constant', expression: '${body}' }, '${body}', true],
  ['header', header('H'), 'hv', true],
  ['header that says false', header('no'), 'false', false],
  ['exchangeProperty', exchangeProperty('p'), 'pv', true],
  ['variable', variable('v'), 'vv', true],
  ['a missing one', variable('w'), undefined, false],
  ['body', body(), 'b', true],
  ['function', toExpression('setBody', (exchange: Exchange) => exchange.id === '1'), true, true],
]

describe('languages of definitions', () => {
  test.each(cases)('%s', (name, definition, value, truth) => {
    expect(compileExpression(definition, context)(exchangeOf(given))).toEqual(value)
    if (name !== 'simple') expect(compilePredicate(definition, context)(exchangeOf(given))).toBe(truth)
  })

  test('a Simple text is a predicate where its truth is asked for', () => {
    const definition = simple("${header.h} == 'hv'")
    expect(compilePredicate(definition, context)(exchangeOf(given))).toBe(true)
    expect(compileExpression(definition, context)(exchangeOf(given))).toBe("hv == 'hv'")
  })

  test('the error of a function passes unchanged', () => {
    const definition = toExpression('setBody', () => {
      throw failing
    })
    expect(() => compileExpression(definition, context)(exchangeOf())).toThrow(failing)
    expect(() => compilePredicate(definition, context)(exchangeOf())).toThrow(failing)
  })

  test('a promise is no answer to a predicate', () => {
    const definition = toExpression('filter', async () => false)
    expect(() => compilePredicate(definition, context)(exchangeOf())).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }),
    )
  })
})

describe('further languages', () => {
  const shout: Language = {
    name: 'shout',
    compileExpression: text => exchange => `${text} ${exchange.body}!`,
  }
  const asks: Language = { ...shout, name: 'asks', compilePredicate: text => exchange => exchange.body === text }
  const languages = builtInLanguages.with(shout, asks)

  test('are found by name, and keep the built-in ones', () => {
    const definition = { language: 'shout', expression: 'Hi' }
    expect(compileExpression(definition, { ...context, languages })(exchangeOf(given))).toBe('Hi b!')
    expect(compilePredicate(definition, { ...context, languages })(exchangeOf(given))).toBe(true)
    expect(compilePredicate({ language: 'asks', expression: 'c' }, { ...context, languages })(exchangeOf(given))).toBe(
      false,
    )
    expect(compileExpression(header('h'), { ...context, languages })(exchangeOf(given))).toBe('hv')
    expect(builtInLanguages.names).not.toContain('shout')
  })

  test('an unknown one is an error that names those that are there', () => {
    expect(() => compileExpression({ language: 'simpel', expression: 'x' }, context)).toThrow(
      expect.objectContaining({
        code: 'DROMEDARY_INVALID_EXPRESSION',
        message:
          'unknown language "simpel"; did you mean simple?; there are simple, constant, header, exchangeProperty, variable',
      }),
    )
  })

  test('two of one name are refused', () => {
    expect(() => new LanguageRegistry([shout, shout])).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_INVALID_EXPRESSION' }),
    )
  })

  test.each([[{ language: 'header', expression: ' ' }], [{ language: 'simple' } as unknown as ExpressionDefinition]])(
    '%o lacks a text',
    definition => {
      expect(() => compileExpression(definition, context)).toThrow(
        expect.objectContaining({ code: 'DROMEDARY_INVALID_EXPRESSION' }),
      )
    },
  )
})
