// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import { evaluate } from './simple-fixture.ts'

const table = (cases: readonly [text: string, body: unknown, expected: unknown][]) => {
  test.each(cases)('%s of %o', (text, body, expected) => {
    expect(evaluate(text, { body, headers: { h: ' Header ', n: 1 } })).toEqual(expected)
  })
}

describe('trim, case and replace', () => {
  table([
    ['${trim()}', ' x ', 'x'],
    ['${trim}', ' x ', 'x'],
    ['${trim(${header.h})}', ' x ', 'Header'],
    ["${trim(' y ')}", '', 'y'],
    ['${trim()}', undefined, undefined],
    ['${uppercase()}', 'aB', 'AB'],
    ["${uppercase('aB')}", '', 'AB'],
    ['${lowercase()}', 'aB', 'ab'],
    ['${lowercase(${header.h})}', '', ' header '],
    ['${replace(a,b)}', 'a-a', 'b-b'],
    ["${replace('a','b','aha')}", 'x', 'bhb'],
    ["${replace(' , ',' ')}", 'a , b', 'a b'],
    ['${replace(&quot;,&apos;)}', '"q"', "'q'"],
    ['${replace(&quot;,&empty;)}', '"q"', 'q'],
    ['${replace(a,$&$&)}', 'a', '$&$&'],
    ['${replace(.,!)}', 'a.b', 'a!b'],
    ['${replace(a,b)}', null, undefined],
    ["${replace('(',')')}", '(', ')'],
    ["${replace('\\n',' ')}", 'a\nb', 'a b'],
    ['${replace("\'",x)}', "'", 'x'],
  ])
})

describe('substring', () => {
  table([
    ['${substring(3)}', 'ABCDEFGHIJK', 'DEFGHIJK'],
    ['${substring(-3)}', 'ABCDEFGHIJK', 'ABCDEFGH'],
    ['${substring(1,-1)}', 'ABCDEFGHIJK', 'BCDEFGHIJ'],
    ['${substring(1,1)}', 'ABCDEFGHIJK', 'BCDEFGHIJ'],
    ['${substring(3,-2)}', 'ABCDEFGHIJK', 'DEFGHI'],
    ['${substring(1,0)}', 'ABCDEFGHIJK', 'BCDEFGHIJK'],
    ['${substring(99)}', 'ABC', ''],
    ['${substring(-99)}', 'ABC', ''],
    ['${substring(2,2)}', 'ABC', ''],
    ['${substring(1,-1,${header.h})}', 'ABC', 'Header'],
    ['${substring(${header.n})}', 'ABC', 'BC'],
    ['${substring(1)}', undefined, undefined],
    ["${substringBefore('World')}", 'Hello World how', 'Hello '],
    ["${substringAfter('World')}", 'Hello World how', ' how'],
    ["${substringBetween('Hello','how')}", 'Hello World how', ' World '],
    ["${substringAfter(${header.h},'e')}", '', 'ader '],
    ["${substringBefore('a-b','-')}", '', 'a'],
    ["${substringBetween('<a>','<','>')}", '', 'a'],
    ["${substringBefore('x')}", 'abc', undefined],
    ["${substringAfter('x')}", 'abc', undefined],
    ["${substringBetween('a','x')}", 'abc', undefined],
    ["${substringAfter('a')}", undefined, undefined],
  ])
})

describe('split, join, concat and pad', () => {
  table([
    ['${split()}', 'a,b', ['a', 'b']],
    ['${split(:)}', 'a:b:c', ['a', 'b', 'c']],
    ['${split(\\n)}', 'a\nb', ['a', 'b']],
    ["${split(',')}", 'a,b', ['a', 'b']],
    ['${split(${header.h},a)}', '', [' He', 'der ']],
    ['${split()}', undefined, []],
    ['${join()}', ['A', 'B', 1], 'A,B,1'],
    ['${join(;)}', ['A', 'B'], 'A;B'],
    ['${join(&,id=)}', ['A', 'B'], 'id=A&id=B'],
    ["${join('&','id=','1,2')}", '', 'id=1&id=2'],
    ['${join()}', 'A, B', 'A,B'],
    ['${join()}', null, ''],
    ["${concat('Hello ',${body})}", 'World', 'Hello World'],
    ["${concat('Hello',${body},' ')}", 'World', 'Hello World'],
    ["${concat('!')}", 'World', 'World!'],
    ['${concat(${header.missing},x)}', '', 'x'],
    ['${concat(${header.n}-${header.n},(a, b))}', '', '1-1(a, b)'],
    ['${pad(${body},5)}', 'foo', 'foo  '],
    ['${pad(${body},-5)}', 'foo', '  foo'],
    ["${pad(${body},-5,'@')}", 'foo', '@@foo'],
    ['${pad(${body},2)}', 'foo', 'foo'],
  ])
})

test('a width from a message has bounds', () => {
  expect(() => evaluate('${pad(x,${body})}', { body: 2e9 })).toThrow(
    expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }),
  )
})

describe('JSON, XML, digests and base64', () => {
  const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
  table([
    ['${toJson()}', { a: [1, new Map([['b', 2n]])] }, '{"a":[1,{"b":"2"}]}'],
    ['${toJson()}', 'text', 'text'],
    ['${toJson()}', null, null],
    ['${toJson(${body.a})}', { a: new Set([1]) }, '[1]'],
    ['${pretty()}', '{"a":[1]}', '{\n  "a": [\n    1\n  ]\n}'],
    ['${pretty()}', { a: 1 }, '{\n  "a": 1\n}'],
    ['${pretty()}', '{no json', '{no json'],
    ['${pretty()}', 'text', 'text'],
    ['${pretty()}', '<a x="1"><b>t</b><c/><!-- d --></a>', '<a x="1">\n  <b>t</b>\n  <c/>\n  <!-- d -->\n</a>'],
    ['${pretty()}', '<?xml version="1.0"?><a>t<b/></a>', '<?xml version="1.0"?>\n<a>\n  t\n  <b/>\n</a>'],
    ['${pretty()}', '<a><b></a>', '<a><b></a>'],
    ['${hash()}', 'hello', hello],
    ['${hash(${body},SHA-256)}', Buffer.from('hello'), hello],
    ['${hash(${body},SHA3-256)}', 'hello', '3338be694f50c5f338814986cdf0686453a888b84f424d792af4b9202398f392'],
    ['${hash(${header.missing})}', '', undefined],
    ['${base64Encode()}', 'hello', 'aGVsbG8='],
    ['${base64Encode(${header.missing})}', '', undefined],
    ['${base64Decode()}', 'aGVsbG8=', Buffer.from('hello')],
    ['${base64Decode()} ~> ${bodyAs(String)}', 'aGVsbG8=', 'hello'],
  ])

  test('hostile XML costs no more than its length', () => {
    for (const part of ['<!--', '<![CDATA[', '<a', '<?', '<a>']) {
      const body = part.repeat(20_000)
      expect(evaluate('${pretty()}', { body })).toBe(body)
    }
  })

  test('what cannot be JSON fails with the text', () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    expect(() => evaluate('${toJson()}', { body: loop })).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED', cause: expect.any(TypeError) }),
    )
  })
})
