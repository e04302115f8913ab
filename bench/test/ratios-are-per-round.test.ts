import { expect, it } from 'vitest'
import { median, ratios, spread } from '../src/arithmetic.ts'
import { line, rate, results, roundsLine } from '../src/report.ts'
import type { Pace } from '../src/window.ts'

/** Half of the time the processor did something else. */
const paces = (...rates: number[]): Pace[] => rates.map(perSecond => ({ perSecond, perCpuSecond: perSecond * 2 }))

it('takes the middle one, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

it('divides round by round, so that a slow round of the whole machine changes nothing', () => {
  expect(ratios([100, 10, 100], [10, 1, 10])).toEqual([10, 10, 10])
  expect(spread([8, 12, 10])).toEqual({ median: 10, min: 8, max: 12 })
})

it('prints one line per route', () => {
  const rates = new Map([
    [
      'R1' as const,
      new Map([
        ['dromedary' as const, paces(5_000_000, 5_100_000, 5_200_000)],
        ['camel' as const, paces(500_000, 480_000, 400_000)],
        ['bare' as const, paces(14_000_000, 14_000_000, 13_000_000)],
      ]),
    ],
  ])
  const [result] = results(rates)
  expect(result && line(result)).toBe(
    'R1 dromedary 5,100,000/s camel 480,000/s bare 14,000,000/s ratio 10.6 (10.0–13.0) of bare 0.36',
  )
  expect(result && roundsLine(result)).toBe('   per round 10.0 10.6 13.0; by processor time 10.6 (10.0–13.0)')
})

it('prints no ratio where Camel was not measured', () => {
  const rates = new Map([
    [
      'R2' as const,
      new Map([
        ['dromedary' as const, paces(10)],
        ['bare' as const, paces(20)],
      ]),
    ],
  ])
  const [result] = results(rates)
  expect(result && line(result)).toBe('R2 dromedary 10/s bare 20/s of bare 0.50')
  expect(result && roundsLine(result)).toBeUndefined()
})

it('rounds to what is meant', () => {
  expect(rate(5_123_456)).toBe('5,120,000/s')
})
