import { expect, it } from 'vitest'
import { seeded } from '../src/random.ts'
import { summarise } from '../src/verdict/statistics.ts'

it('gives the nearest rank, not a value between two samples', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(summarise(hundred)).toEqual({ count: 100, p50: 50, p95: 95, max: 100 })
  expect(summarise([3, 1, 2])).toEqual({ count: 3, p50: 2, p95: 3, max: 3 })
  expect(summarise([5])).toEqual({ count: 1, p50: 5, p95: 5, max: 5 })
  expect(summarise([])).toEqual({ count: 0, p50: Number.NaN, p95: Number.NaN, max: Number.NaN })
})

it('repeats random choices for the same seed', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seeded(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  const many = Array.from({ length: 10_000 }, seeded(1))
  expect(many.every(value => value >= 0 && value < 1)).toBe(true)
  expect(many.reduce((sum, value) => sum + value) / many.length).toBeCloseTo(0.5, 1)
})
