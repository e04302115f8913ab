// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDromedaryError } from '../src/errors.ts'
import { FUNCTIONS } from '../src/language/simple/functions/table.ts'
import { compileSimple, compileSimplePredicate } from '../src/language/simple/simple.ts'
import { context, evaluate, exchangeOf, holds } from './simple-fixture.ts'

/** Pieces that grammars trip over, thrown together with random text. */
const pieces = fc.oneof(
  fc.constantFrom(...FUNCTIONS.keys()),
  fc.constantFrom('${', '$simple{', '}', '(', ')', '[', ']', "'", '"', ',', '.', '?.', ':', '$', '!', '\\', '\n', ' '),
  fc.constantFrom(
    ' == ',
    ' && ',
    ' || ',
    ' ? ',
    ' : ',
    ' ?: ',
    ' ~> ',
    ' ?~> ',
    '++',
    '--',
    ' in ',
    ' regex ',
    ' range ',
  ),
  fc.constantFrom(
    '${body}',
    '${header.x}',
    '$init{',
    '}init$',
    '$x := ',
    ';',
    '$x',
    '$param',
    'null',
    '1..2',
    '5',
    "'a'",
  ),
  fc.constantFrom('date:now:', 'properties:', 'bean:x.y', 'header.', 'trim(', 'constructor', '__proto__'),
  fc.string({ maxLength: 5 }),
)
const anyText = fc.array(pieces, { maxLength: 12 }).map(parts => parts.join(''))

const only = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (!isDromedaryError(error)) throw error
    if (error.message.includes('\n')) throw new Error(`more than one line: ${error.message}`)
  }
}

describe('whatever is written', () => {
  test('compiling and running throws nothing but a DromedaryError', () => {
    fc.assert(
      fc.property(anyText, text => {
        only(() => compileSimple(text, context)(exchangeOf({ body: 'b', headers: { x: 1 } })))
        only(() => compileSimplePredicate(text, context)(exchangeOf({ body: 'b', headers: { x: 1 } })))
      }),
      { numRuns: 5000 },
    )
  })

  test('in braces as well', () => {
    fc.assert(
      fc.property(anyText, text => only(() => evaluate(`\${${text}}`, { body: [1, { a: 2 }] }))),
      { numRuns: 3000 },
    )
  })
})

test('text without functions is what it was', () => {
  const pieces = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('$', '{', '}', '\n', '\0', 'é', '😀', '\ud800', "'"),
  )
  const literal = fc
    .array(pieces, { maxLength: 10 })
    .map(parts => parts.join(''))
    .filter(text => !/\$\{|\$simple\{|\$init\{|\\/.test(text))
  fc.assert(
    fc.property(literal, text => {
      expect(evaluate(text)).toBe(text)
    }),
  )
})

test('values come out of a text as they went in', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (body, header) => {
      expect(evaluate('[${body}|${header.h}]', { body, headers: { h: header } })).toBe(`[${body}|${header}]`)
    }),
  )
})

test('comparisons with a value from a header and with a literal agree', () => {
  const value = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.stringMatching(/^[a-z0-9 ]*$/))
  const operator = fc.constantFrom('==', '!=', '>', '<', '>=', '<=', 'contains', 'equals', 'startsWith', '=~', '~~')
  fc.assert(
    fc.property(value, value, operator, (left, right, op) => {
      const headers = { left, right }
      const literal = typeof right === 'string' ? `'${right}'` : String(right)
      const isWritable = typeof right !== 'number' || /^-?\d+(\.\d+)?$/.test(literal)
      fc.pre(isWritable)
      const expected = holds(`\${header.left} ${op} \${header.right}`, { headers })
      expect(holds(`\${header.left} ${op} ${literal}`, { headers })).toBe(expected)
      expect(holds(`\${header.left ${op} ${literal}}`, { headers })).toBe(expected)
    }),
  )
})

test('an order is one: exactly one of <, == and > holds for two numbers', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (left, right) => {
      for (const headers of [
        { left, right },
        { left: String(left), right },
        { left, right: String(right) },
      ]) {
        const held = ['<', '==', '>'].filter(op => holds(`\${header.left} ${op} \${header.right}`, { headers }))
        expect(held).toEqual([left < right ? '<' : left > right ? '>' : '=='])
      }
    }),
  )
})
