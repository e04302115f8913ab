// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import { compileSimple } from '../src/language/simple/simple.ts'
import { context, evaluate, exchangeOf, type Given, holds } from './simple-fixture.ts'

describe('text with functions in it', () => {
  const cases: [text: string, given: Given, expected: unknown][] = [
    ['plain', {}, 'plain'],
    ['', {}, ''],
    ['Hello ${body} from ${header.who}', { body: 'World', headers: { who: 'me' } }, 'Hello World from me'],
    ['${header.a}${header.b}-${header.c}-${header.d}', { headers: { a: 1, b: 2, c: 3, d: 4 } }, '12-3-4'],
    ['[${body}]', {}, '[]'],
    ['[${body}]', { body: null }, '[]'],
    ['[${body}]', { body: { a: [1] } }, '[{"a":[1]}]'],
    ['[${body}]', { body: Buffer.from('bytes') }, '[bytes]'],
    ['[${body}]', { body: new Date(0) }, '[1970-01-01T00:00:00.000Z]'],
    ['[${body}]', { body: false }, '[false]'],
    ['$simple{body}!', { body: 1 }, '1!'],
    ['{"a": "${body}"}', { body: 1 }, '{"a": "1"}'],
    ['${header.n} > 0', { headers: { n: 5 } }, '5 > 0'],
    ['Over three: ${header.n > 3}', { headers: { n: 5 } }, 'Over three: true'],
    ['a\\nb\\tc\\rd \\} \\x \\\\', {}, 'a\nb\tc\rd } \\x \\\\'],
    ['\\${body} is ${body}', { body: 7 }, '${body} is 7'],
    ['costs $5 and ${ body }', { body: 7 }, 'costs $5 and 7'],
    ['${null}', {}, null],
  ]
  test.each(cases)('%s', (text, given, expected) => {
    expect(evaluate(text, given)).toBe(expected)
  })

  test('a function alone keeps the type of its value', () => {
    const body = { a: 1 }
    expect(evaluate('${body}', { body })).toBe(body)
    expect(evaluate('${header.n}', { headers: { n: 5 } })).toBe(5)
    expect(evaluate('${header.missing}')).toBeUndefined()
  })

  test('what has no text is empty, or named by its type', () => {
    const loop = Object.create(null) as { self: unknown }
    loop.self = loop
    expect(evaluate('[${body}]', { body: loop })).toBe('[[object Object]]')
    expect(evaluate('[${body}]', { body: () => 'source' })).toBe('[]')
  })

  test('what a value says is never read as Simple', () => {
    const body = '${header.secret}'
    const headers = { secret: 's', key: "x'] ${body}" }
    expect(evaluate('Hello ${body}', { body, headers })).toBe('Hello ${header.secret}')
    expect(evaluate('${trim(${body})} ~> ${uppercase()}', { body, headers })).toBe('${HEADER.SECRET}')
    expect(evaluate('${header[${header.key}]}', { body, headers })).toBeUndefined()
  })
})

describe('++ and --', () => {
  const cases: [text: string, given: Given, expected: unknown][] = [
    ['${header.n}++', { headers: { n: 123 } }, 124],
    ['${header.n}--', { headers: { n: 123 } }, 122],
    ['${header.n}++', { headers: { n: '123' } }, '124'],
    ['${header.n++}', { headers: { n: 5n } }, 6n],
    ['${header.n--}', { headers: { n: 5 } }, 4],
    ['+++++', {}, '+++++'],
    ['Logging ++ start --', {}, 'Logging ++ start --'],
    ['${body}--${body}', { body: 'a' }, 'a--a'],
    ['n is ${body}++ now', { body: 1 }, 'n is 2 now'],
  ]
  test.each(cases)('%s', (text, given, expected) => {
    expect(evaluate(text, given)).toBe(expected)
  })

  test('the header itself stays as it is', () => {
    const exchange = exchangeOf({ headers: { n: 1 } })
    compileSimple('${header.n}++', context)(exchange)
    expect(exchange.message.header('n')).toBe(1)
  })

  test('of something that is no number fails with the text', () => {
    expect(() => evaluate('${body}++', { body: 'x' })).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED', message: expect.stringContaining('${body}++') }),
    )
  })
})

describe('ternary, elvis and chain', () => {
  const cases: [text: string, given: Given, expected: unknown][] = [
    ["${header.n > 3 ? 'a' : 'b'}", { headers: { n: 5 } }, 'a'],
    ["${header.n > 3 ? 'a' : 'b'}", { headers: { n: 2 } }, 'b'],
    ['${header.n > 0 ? ${header.n} : null}', { headers: { n: 2 } }, 2],
    ['${header.n > 0 ? 1 : null}', { headers: { n: 0 } }, null],
    ["${header.s >= 90 ? 'A' : ${header.s >= 80 ? 'B' : 'C'}}", { headers: { s: 85 } }, 'B'],
    ["${header.s >= 90 ? 'A' : header.s >= 80 ? 'B' : 'C'}", { headers: { s: 7 } }, 'C'],
    ["${header.n > 0 && header.n < 10 ? 'in' : 'out'}", { headers: { n: 5 } }, 'in'],
    ["${body contains 'a ? b : c' ? 'yes' : 'no'}", { body: 'a ? b : c' }, 'yes'],
    ["${body} > 1 ? 'x' : 'y'", { body: 2 }, "2 > 1 ? 'x' : 'y'"],
    ["${header.user} ?: 'Guest'", {}, 'Guest'],
    ["${header.user} ?: 'Guest'", { headers: { user: 'me' } }, 'me'],
    ["${header.user} ?: 'Guest'", { headers: { user: '  ' } }, 'Guest'],
    ["${header.user} ?: 'Guest'", { headers: { user: 0 } }, 'Guest'],
    ["${header.user} ?: 'Guest'", { headers: { user: false } }, 'Guest'],
    ["${header.user ?: 'Guest'}", {}, 'Guest'],
    ['${header.a} ?: ${header.b} ?: 3', { headers: { b: '' } }, 3],
    ["Hi ${header.user} ?: 'Guest'!", {}, 'Hi Guest!'],
    ["${substringAfter('Hello')} ~> ${trim()} ~> ${uppercase()}", { body: 'Hello World' }, 'WORLD'],
    ["${trim()} ~> ${replace('a','b',$param)} ~> ${split($param,' ')} ~> ${size($param)}", { body: ' a b ' }, 2],
    ['You said: ${trim()} ~> ${uppercase()}!', { body: ' x ' }, 'You said: X!'],
    ['${header.x} ?~> ${size()}', {}, undefined],
    ['${header.x} ~> ${size()}', {}, 0],
    ["${header.x} ?~> ${uppercase()} ?: 'none'", {}, 'none'],
  ]
  test.each(cases)('%s with %o', (text, given, expected) => {
    expect(evaluate(text, given)).toBe(expected)
  })

  test('the body is its own again after a chain, also one that fails', () => {
    const exchange = exchangeOf({ body: 'own' })
    compileSimple("${header.x} ~> ${concat('y')}", context)(exchange)
    expect(exchange.body).toBe('own')
    expect(() => compileSimple('${header.x} ~> ${body}++', context)(exchange)).toThrow()
    expect(exchange.body).toBe('own')
  })
})

describe('the init block', () => {
  test('sets variables, which texts, arguments and quotes may name', () => {
    const text = `
      $init{
        // a comment with ; and $sum := 1
        $sum := \${sum(\${header.lines},100)};
        $sumText := 'sum is $sum';

        ## another comment
        $level := \${header.code > 999 ? 'Gold' : 'Silver'}
      }init$
      { "sum": $sum, "text": "$sumText", "level": "\${uppercase($level)}", "cost": "$5 $other" }`
    const exchange = exchangeOf({ headers: { lines: '75,33', code: 1000 } })
    expect(compileSimple(text, context)(exchange)).toBe(
      '{ "sum": 208, "text": "sum is 208", "level": "GOLD", "cost": "$5 $other" }',
    )
    expect(exchange.getVariable('sum')).toBe(208)
  })

  test('stands before a predicate as well', () => {
    const text = '$init{ $sum := ${sum(${body},100)}; $limit := 200 }init$ $sum > 200 && $sum != 999'
    expect(holds(text, { body: '75,33' })).toBe(true)
    expect(holds(text, { body: 1 })).toBe(false)
  })

  test.each([
    ['$init{ $x := 1;', 'not closed'],
    ['$init{ x := 1; }init$', 'a statement such as'],
    ['$init{ $x ~:= 1; }init$', ':= is expected'],
    ['$init{ $x := 1 $y := 2 }init$', 'must end with ;'],
    ['$init{ $x := ; }init$', 'not expected here'],
  ])('%s', (text, message) => {
    expect(() => evaluate(text)).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_INVALID_EXPRESSION', message: expect.stringContaining(message) }),
    )
  })
})
