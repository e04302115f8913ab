import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Exchange } from '../src/index.ts'
import { type Place, UnderWay } from '../src/runtime/under-way.ts'

it('holds what was added and not removed, in the order of coming, whatever leaves when', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat()), { maxLength: 60 }), moves => {
      const underWay = new UnderWay()
      const places: Place[] = []
      for (const leaves of moves) {
        if (leaves === null) places.push(underWay.add({} as Exchange))
        else if (places.length > 0) underWay.remove(places.splice(leaves % places.length, 1)[0] as Place)
        expect(underWay.exchanges).toEqual(places.map(place => place.exchange))
        expect(underWay.exchanges.every((one, at) => one === places[at]?.exchange)).toBe(true)
      }
    }),
  )
})

it('leaves the others alone when a place leaves twice', () => {
  const underWay = new UnderWay()
  const [first, second] = [underWay.add({} as Exchange), underWay.add({} as Exchange)]
  underWay.remove(first)
  underWay.remove(first)
  expect(underWay.exchanges).toEqual([second.exchange])
})

it('lets go of what has left: an old place leads to no newer one', () => {
  const underWay = new UnderWay()
  const [first, second, third] = [0, 1, 2].map(() => underWay.add({} as Exchange)) as [Place, Place, Place]
  underWay.remove(second)
  underWay.remove(first)
  expect([first.before, first.after, second.before, second.after]).toEqual([undefined, undefined, undefined, undefined])
  expect([third.before, third.after]).toEqual([undefined, undefined])
})
