import { describe, expect, it } from 'vitest'
import { constant, from, type RouteSource } from '../src/index.ts'
import { identify } from '../src/runtime/route-ids.ts'
import { sameValue } from '../src/runtime/same-value.ts'
import { running } from './support/run.ts'

const definitions = (routes: readonly RouteSource[]) =>
  routes.map(route => ('definition' in route ? route.definition : route))
const ids = (before: readonly RouteSource[], after: readonly RouteSource[]) =>
  identify(definitions(after), identify(definitions(before))).map(({ definition }) => definition.id)

describe('routes without an id', () => {
  const [a, b, c] = [from('source:a').log('a'), from('source:b').log('b'), from('source:c').log('c')]

  it('keep the one they have wherever they stand', () => {
    expect(ids([a, b, c], [c, a, b])).toEqual(['route3', 'route1', 'route2'])
    expect(ids([a, b, c], [b, c])).toEqual(['route2', 'route3'])
    expect(ids([a, b], [c, a, b])).toEqual(['route3', 'route1', 'route2'])
  })

  it('are known by what they consume from when they were edited', () => {
    expect(ids([a, b, c], [from('source:b').log('edited'), a, c])).toEqual(['route2', 'route1', 'route3'])
  })

  it('are known by it too when its options were edited, but for those that have the same', () => {
    const every = (ms: number, message: string) => from(`source:a?every=${ms}`).log(message)
    expect(ids([b, every(1, 'a')], [every(2, 'a'), b])).toEqual(['route2', 'route1'])
    expect(ids([every(1, 'x'), every(2, 'y')], [every(3, 'x'), every(1, 'z')])).toEqual(['route2', 'route1'])
  })

  it('are told apart where several are equal', () => {
    expect(ids([a, a, b], [b, a, a])).toEqual(['route3', 'route1', 'route2'])
  })

  it('get no id that is taken', () => {
    expect(ids([a], [b, c.routeId('route2')])).toEqual(['route3', 'route2'])
    expect(ids([a, b], [a.routeId('route2'), b])).toEqual(['route2', 'route3'])
  })

  it('are kept when others before them come and go', async () => {
    const at = await running([a, b])
    expect(await at.context.changeRoutes([c, b])).toEqual({
      added: ['route3'],
      replaced: [],
      removed: ['route1'],
      kept: ['route2'],
    })
    expect(at.context.routes.map(({ id }) => id)).toEqual(['route3', 'route2'])
    await at.context.stop()
  })
})

describe('two values are the same', () => {
  const fn = () => {}
  class Thing {}
  const thing = new Thing()
  it.each([
    [{ a: [1, 'x', null, undefined, Number.NaN] }, { a: [1, 'x', null, undefined, Number.NaN] }],
    [
      { fn, thing },
      { thing, fn },
    ],
    [from('direct:a').setBody(constant(1)).definition, from('direct:a').setBody(constant(1)).definition],
  ])('%j', (one, other) => {
    expect(sameValue(one, other)).toBe(true)
  })
  const circle: { self?: unknown } = {}
  circle.self = circle
  const round: { self?: unknown } = {}
  round.self = round
  it.each([
    ['functions', () => {}, () => {}],
    ['things of a class', { thing: new Thing() }, { thing: new Thing() }],
    ['dates', new Date(0), new Date(0)],
    ['patterns', /a/, /a/],
    ['one with more', { a: 1 }, { a: 1, b: undefined }],
    ['one with another key', { a: undefined }, { b: undefined }],
    ['a list and an object', [], {}],
    ['lists of other lengths', [1], [1, 2]],
    ['types', 1, '1'],
    ['symbols in them', { [Symbol.iterator]: 1 }, { [Symbol.iterator]: 1 }],
    ['circles', circle, round],
  ])('not: %s', (_, one, other) => {
    expect(sameValue(one, other)).toBe(false)
  })
})
