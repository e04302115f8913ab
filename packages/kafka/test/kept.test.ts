import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeKept,
  encodeKept,
  type Kept,
  newerPosition,
  nextOrigin,
  partitionOf,
  snapshot,
} from '../src/session/kept.ts'

const position = fc.oneof(fc.constant(undefined), fc.bigInt(), fc.string(), fc.jsonValue().map(clean))
const origin = fc.record({ term: fc.bigInt({ min: -1n, max: 2n ** 63n }), batch: fc.nat() })
const kept: fc.Arbitrary<Kept> = fc.record({
  term: fc.bigInt({ min: 0n, max: 2n ** 63n }),
  writer: fc.uuid(),
  batch: fc.nat(),
  position,
  origin,
})

/** What JSON gives back for it: it knows no -0. */
function clean(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe('what is kept', () => {
  it('comes back as it was: terms of 64 bits, positions of any kind', () => {
    fc.assert(
      fc.property(kept, one => {
        expect(decodeKept(encodeKept(one), 'key', 'topic')).toEqual(one)
      }),
    )
  })

  it.each([
    '',
    'null',
    '5',
    '"text"',
    '{}',
    '{"v":2,"term":"1","writer":"w","batch":1,"position":{},"origin":{"term":"1","batch":1}}',
    '{"v":1,"term":1,"writer":"w","batch":1,"position":{},"origin":{"term":"1","batch":1}}',
    '{"v":1,"term":"one","writer":"w","batch":1,"position":{},"origin":{"term":"1","batch":1}}',
    '{"v":1,"term":"1","writer":"w","batch":1.5,"position":{},"origin":{"term":"1","batch":1}}',
    '{"v":1,"term":"1","writer":"w","batch":1,"position":{"bigint":"x"},"origin":{"term":"1","batch":1}}',
    '{"v":1,"term":"1","writer":"w","batch":1,"position":{}}',
    '{"v":1,"term":"1","writer":"w","batch":1,"origin":{"term":"1","batch":1}}',
  ])('is not taken from a record of somebody else: %s', text => {
    expect(() => decodeKept(Buffer.from(text), 'app/ns/route', 'positions')).toThrowError(
      expect.objectContaining({ code: 'DROMEDARY_KAFKA_POSITION', message: expect.stringContaining('positions') }),
    )
  })

  it('never throws anything but that, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        try {
          decodeKept(Buffer.from(text), 'key', 'topic')
        } catch (error) {
          expect(error).toMatchObject({ code: 'DROMEDARY_KAFKA_POSITION' })
        }
      }),
    )
  })

  it('has the newer position of two by the transaction that confirmed it, not by the claim that repeats it', () => {
    const of = (term: bigint, from: bigint, batch: number): Kept =>
      ({ term, writer: 'w', batch: 0, position: 0, origin: { term: from, batch } }) // biome-ignore format: one thing
    const [claim, data] = [of(6n, 4n, 9), of(5n, 5n, 1)]
    expect(newerPosition(claim, data)).toBe(data)
    expect(newerPosition(data, claim)).toBe(data)
    expect(newerPosition(of(5n, 5n, 1), of(5n, 5n, 2)).origin.batch).toBe(2)
  })

  it('counts on within a term, and anew in the next', () => {
    const one: Kept = { term: 5n, writer: 'w', batch: 3, position: 0, origin: { term: 5n, batch: 40 } }
    expect(nextOrigin(one, 5n)).toEqual({ term: 5n, batch: 41 })
    expect(nextOrigin(one, 6n)).toEqual({ term: 6n, batch: 1 })
  })
})

describe('a position', () => {
  it('is taken as it is now', () => {
    const value = { line: 1, list: [1] }
    const taken = snapshot(value)
    value.list.push(2)
    expect(taken).toEqual({ line: 1, list: [1] })
  })

  it('keeps what JSON cannot hold only as a bigint of its own', () => {
    expect(snapshot(5n)).toBe(5n)
    for (const wrong of [{ at: 5n }, Number.NaN, Number.POSITIVE_INFINITY, () => {}, Symbol('x'), undefined]) {
      expect(() => snapshot(wrong)).toThrowError(expect.objectContaining({ code: 'DROMEDARY_KAFKA_POSITION' }))
    }
  })
})

describe('the partition of an id', () => {
  it('is one of those that there are, and always the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1_000 }), (id, partitions) => {
        const partition = partitionOf(id, partitions)
        expect(partition).toBe(partitionOf(id, partitions))
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true)
      }),
    )
  })

  // Another version that computed others would not find what this one kept.
  it.each([
    ['app/ns/route', 16, 12],
    ['app/ns/feed', 16, 3],
    ['größe/ns/route', 50, 4],
    ['', 7, 2],
  ])('stays what it was for %s', (id, partitions, partition) => {
    expect(partitionOf(id, partitions)).toBe(partition)
  })
})
