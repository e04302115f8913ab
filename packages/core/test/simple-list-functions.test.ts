// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { describe, expect, test } from 'vitest'
import { compileSimple } from '../src/language/simple/simple.ts'
import { context, evaluate, exchangeOf } from './simple-fixture.ts'

const table = (cases: readonly [text: string, body: unknown, expected: unknown][]) => {
  test.each(cases)('%s of %o', (text, body, expected) => {
    expect(evaluate(text, { body, headers: { list: [3, 1, 2] } })).toEqual(expected)
  })
}

describe('making lists and maps', () => {
  table([
    ['${list(1,2,3,${body})}', 4, [1, 2, 3, 4]],
    ["${list('1',true,null,a b, $5)}", 4, ['1', true, null, 'a b', '$5']],
    ['${list()}', 4, []],
    ['${map(1,a,2,b)}', 4, { 1: 'a', 2: 'b' }],
    ['${map(k,${body})}', 4, { k: 4 }],
    ['${map()}', 4, {}],
    ['${range(3)}', 4, [0, 1, 2]],
    ['${range(1,${body})}', 4, [1, 2, 3]],
    ['${range(5,1)}', 4, []],
  ])

  test('a range that is too long fails', () => {
    expect(() => evaluate('${range(${body})}', { body: 1e9 })).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }),
    )
  })
})

describe('counting and arithmetic', () => {
  table([
    ['${size()}', [1, 2], 2],
    ['${size()}', new Set([1]), 1],
    ['${size()}', { a: 1, b: 2 }, 2],
    ['${size()}', 'text', 1],
    ['${size()}', null, 0],
    ['${size(${header.list})}', null, 3],
    ['${sum()}', [10, '20', 30], 60],
    ['${sum(${body},-2)}', 5, 3],
    ['${sum(${body},100)}', '75,33', 208],
    ['${sum(1.5,2)}', 5, 3.5],
    ['${sum()}', [], 0],
    ['${min()}', [10, 5, 30], 5],
    ['${max()}', [10, 5, 30], 30],
    ['${max(1,${header.list})}', null, 3],
    ['${min()}', [], undefined],
  ])

  test('of something that is no number fails with the text and the cause', () => {
    expect(() => evaluate('${sum()}', { body: ['x'] })).toThrow(
      expect.objectContaining({
        code: 'DROMEDARY_EXPRESSION_FAILED',
        message: expect.stringContaining('${sum()}'),
        cause: expect.objectContaining({ code: 'DROMEDARY_NO_CONVERTER' }),
      }),
    )
  })
})

describe('taking lists apart and putting them in order', () => {
  table([
    ['${collate(2)}', [1, 2, 3, 4, 5], [[1, 2], [3, 4], [5]]],
    ['${collate(2)}', 'a,b,c', [['a', 'b'], ['c']]],
    ['${skip(1)}', ['head', 1, 2], [1, 2]],
    ['${skip(9)}', [1], []],
    ['${skip(1)}', null, []],
    ["${distinct('Z','X','Z','A')}", null, new Set(['Z', 'X', 'A'])],
    ['${distinct()}', [1, 1, 2], new Set([1, 2])],
    ['${reverse(1,2,3)}', null, [3, 2, 1]],
    ['${reverse()}', 'a,b', ['b', 'a']],
    ['${sort()}', ['b', 'a', 'c'], ['a', 'b', 'c']],
    ['${sort()}', [10, 9, null, 1], [1, 9, 10, null]],
    ['${sort()}', ['10', '9'], ['9', '10']],
    ['${sort(true)}', ['b', 'a', 'c'], ['c', 'b', 'a']],
    ['${sort(${header.list})}', null, [1, 2, 3]],
    ['${sort(${header.list},true)}', null, [3, 2, 1]],
    ['${filter(${body},${body} > 3)}', [1, 5, 9], [5, 9]],
    ['${filter(${body},${body > 3 && body < 8})}', [1, 5, 9], [5]],
    ["${filter(${body},${body} contains 'a')}", 'Cat,Dog,Bat', ['Cat', 'Bat']],
    ["${forEach(${body},'Hello ${body}')}", 'Camel,World', ['Hello Camel', 'Hello World']],
    ['${forEach(${body},${uppercase()})}', new Set(['a']), ['A']],
    ['${forEach(${body},${body[0]})}', { k: 1 }, ['k']],
  ])

  test('neither the list that is sorted nor the body changes', () => {
    const body = [3, 1, 2]
    const exchange = exchangeOf({ body })
    compileSimple('${sort()}', context)(exchange)
    compileSimple('${reverse()}', context)(exchange)
    compileSimple('${forEach(${body},${body})}', context)(exchange)
    expect(() => compileSimple('${forEach(${body},${body.nope()})}', context)(exchange)).toThrow()
    expect(exchange.body).toBe(body)
    expect(body).toEqual([3, 1, 2])
  })

  test('what is made one by one is grouped one by one', () => {
    let made = 0
    function* endless() {
      for (;;) yield ++made
    }
    const groups = evaluate('${collate(2)}', { body: endless() }) as Iterator<unknown>
    expect(groups.next().value).toEqual([1, 2])
    expect(made).toBe(2)
    const rest = evaluate('${skip(3)}', { body: endless() }) as Iterator<unknown>
    expect(rest.next().value).toBe(6)
  })

  test('groups of nothing fail', () => {
    expect(() => evaluate('${collate(0)}', { body: [1] })).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED' }),
    )
  })
})
