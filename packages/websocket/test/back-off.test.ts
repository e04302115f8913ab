import { describe, expect, it } from 'vitest'
import { BackOff, type BackOffPlan } from '../src/back-off.ts'

const plan: BackOffPlan = {
  maxReconnectAttempts: 0,
  reconnectInitialDelay: 100,
  reconnectBackOffMultiplier: 2,
  reconnectMaxDelay: 10_000,
  reconnectJitter: 0.2,
  reconnectInterval: undefined,
}

const delays = (count: number, options: Partial<BackOffPlan> = {}, random = () => 0.5) => {
  const backOff = new BackOff({ ...plan, ...options }, random)
  return Array.from({ length: count }, () => backOff.next())
}

describe('the back-off', () => {
  it('doubles from 100 ms to 10 s', () => {
    expect(delays(9)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  })

  it('takes its start, its factor and its end from the options', () => {
    const options = { reconnectInitialDelay: 10, reconnectBackOffMultiplier: 3, reconnectMaxDelay: 50 }
    expect(delays(4, options)).toEqual([10, 30, 50, 50])
  })

  it('varies by a fifth up and down, or by reconnectJitter', () => {
    expect(delays(1, {}, () => 0)).toEqual([80])
    expect(delays(1, {}, () => 0.999999)[0]).toBeCloseTo(120, 2)
    expect(delays(1, { reconnectJitter: 0.5 }, () => 0)).toEqual([50])
    expect(delays(1, { reconnectJitter: 0 }, () => 0)).toEqual([100])
  })

  it('keeps to reconnectInterval where that is given', () => {
    expect(delays(3, { reconnectInterval: 1_000 })).toEqual([1_000, 1_000, 1_000])
  })

  it('never overflows, however often it is asked', () => {
    expect(delays(5_000).at(-1)).toBe(10_000)
  })

  it('begins anew only after a connection that lived longer than the wait before it', () => {
    const backOff = new BackOff(plan, () => 0.5)
    backOff.next()
    backOff.next()
    backOff.lived(200)
    expect(backOff.next()).toBe(400)
    backOff.lived(401)
    expect(backOff.next()).toBe(100)
  })

  it('is exhausted after maxReconnectAttempts, and never with 0', () => {
    const limited = new BackOff({ ...plan, maxReconnectAttempts: 2 }, () => 0.5)
    limited.next()
    expect(limited.isExhausted).toBe(false)
    limited.next()
    expect(limited.isExhausted).toBe(true)
    const unlimited = new BackOff(plan, () => 0.5)
    for (let attempt = 0; attempt < 100; attempt++) unlimited.next()
    expect(unlimited.isExhausted).toBe(false)
  })
})
