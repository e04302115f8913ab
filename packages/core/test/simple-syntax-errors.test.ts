// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import { compileSimple, compileSimplePredicate } from '../src/language/simple/simple.ts'
import { context, evaluate } from './simple-fixture.ts'

const invalid = (...parts: string[]) =>
  expect.objectContaining({
    code: 'DROMEDARY_INVALID_EXPRESSION',
    message: expect.stringMatching(new RegExp(`^[^\\n]*${parts.join('[^\\n]*')}[^\\n]*$`)),
  })

describe('a text that cannot be read names place and reason in one line', () => {
  test.each([
    ['${bdy}', 'character 3: unknown function bdy; did you mean body?'],
    ['Hi ${hedaer.x}', 'character 6: unknown function hedaer; did you mean header?'],
    ['${wombat}', 'character 3: unknown function wombat$'],
    ['${iif(true,1,2)}', 'unknown function iif'],
    ['${body', 'character 1: the brace that opens here is not closed'],
    ['a ${header.x} ${body', 'character 15: the brace'],
    ['${}', 'the braces are empty'],
    ['${5}', 'braces hold a function'],
    ["${'x'}", 'braces hold a function'],
    ['${body.}', 'character 8: a name is expected'],
    ['${body[}', 'not closed'],
    ['${body[]}', 'brackets are empty'],
    ['${body.substring(1)}', 'takes no arguments here'],
    ['${header}', 'a name is missing: header.name'],
    ['${header.x()}', 'is a name here'],
    ['${header.a b}', 'is not expected here'],
    ['${exchangeId.length}', 'the function is written exchangeId'],
    ['${trim(a,b)}', 'the function is written trim'],
    ['${trim(a}', 'character 7: the \\( that opens here is not closed'],
    ["${trim('a)}", 'character 8: the . that opens here is not closed'],
    ["${trim('a'b)}", 'is not expected here'],
    ['${bodyAs(Strin)}', 'unknown type "Strin"; did you mean String?'],
    ['${random(x)}', 'a whole number is expected'],
    ['${uuid(shart)}', 'unknown kind shart; did you mean short?'],
    ['${empty(lists)}', 'did you mean list?'],
    ['${hash(a,SHA-255)}', 'unknown algorithm SHA-255; did you mean SHA-256?'],
    ['${map(a)}', 'a value is missing'],
    ['${ref:${header.x}}', 'without functions in it'],
    ['${jsonpath($.a)}', 'jsonpath', 'needs a language package'],
    ['${jq(.a)}', 'jq', 'needs a language package'],
    ['${xpath(/a)}', 'xpath', 'needs a language package'],
    ['${body > 1 ? 2}', 'lacks its'],
    ['${body} ~> x', 'a function in braces must follow'],
    ['${body} ?: x', 'text to compare with is written in quotes'],
    ['${date:yesterday:HH}', 'unknown date command "yesterday"'],
    ['${date:now:YYYY}', 'the year is y'],
    ["${date:now:HH 'o}", 'not closed'],
    ['${date-with-timezone:now}', 'a time zone is missing'],
    ['${date-with-timezone:now:Mars/Base:HH}', 'unknown time zone "Mars/Base"'],
  ])('%s', (text, ...parts) => {
    expect(() => compileSimple(text, context)).toThrow(invalid(...parts))
  })

  test.each([
    ['', 'a predicate is expected'],
    ['Hello ${body}', 'character 1:', 'is not expected here'],
    ["${body}=='x'", 'character 8:', 'lacks the blank'],
    ["${body} =='x'", 'lacks the blank'],
    ['${body} == x', 'character 12: "x" is not expected here', 'in quotes'],
    ['${body} is com.Order', 'character 12:'],
    ['${body} ==', 'character 11: "the end"|the end'],
    ['${body} == 1 &&', 'is not expected here'],
    ['${body} == 1 and ${body} == 2', 'character 14:'],
    ["!${body} == 'x'", 'character 1: ! negates a function'],
    ['! ${body}', 'stands directly before a function'],
    ['!!${body}', 'stands directly before a function'],
    ['${body} == !${body}', 'character 12:'],
    ["${body} > 1 ? 'a' : 'b'", 'a ternary stands inside one'],
    ['${body} range 1..', 'is not expected here'],
  ])('predicate %s', (text, ...parts) => {
    expect(() => compileSimplePredicate(text, context)).toThrow(invalid(...parts))
  })
})

test('secrets of URIs in the text are masked, and a long text is cut', () => {
  expect(() => compileSimple('http://h?password=topsecret&x=${bdy}', context)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('topsecret') }),
  )
  const error = (() => {
    try {
      return compileSimple(`${'x'.repeat(5000)}\${bdy}`, context)
    } catch (thrown) {
      return thrown as Error
    }
  })() as Error
  expect(error.message.length).toBeLessThan(400)
  expect(error.message).toContain('character 5003')
})

test('no nesting or length exhausts the stack', () => {
  expect(() => compileSimple(`${'${trim('.repeat(5000)}x`, context)).toThrow(invalid('nested too deep'))
  expect(() => compileSimple(`\${${'!'.repeat(5000)}body}`, context)).toThrow(invalid('nested too deep'))
  expect(() => compileSimplePredicate(`true${' && true'.repeat(5000)}`, context)).toThrow(invalid('more than 1000'))
  expect(() => compileSimple(`\${body}${' ~> ${body}'.repeat(5000)}`, context)).toThrow(invalid('more than 1000'))
})

test('text around nested functions is read once per level', () => {
  const nested = (depth: number): string => (depth === 0 ? '${body}' : `\${trim(${nested(depth - 1)}-)}`)
  expect(evaluate(nested(40), { body: 'x' })).toBe(`x${'-'.repeat(40)}`)
})
