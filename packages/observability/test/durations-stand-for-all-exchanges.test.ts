import type { MeteredRoute } from '@dromedary/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUCKETS_MS, Durations, RouteTimers } from '../src/metrics/route-timer.ts'

const total = ({ counts }: Durations) => counts.reduce((sum, count) => sum + count, 0)

const NOTHING = { total: 0, completed: 0, failed: 0, inFlight: 0, failuresHandled: 0, redeliveries: 0 }

const metered = (route: { sent: number; underWay: number; timeNext(): void }): MeteredRoute => ({
  get entered() {
    return route.sent
  },
  get underWay() {
    return route.underWay
  },
  get statistics() {
    return { ...NOTHING, total: route.sent, inFlight: route.underWay }
  },
  timeNext: () => route.timeNext(),
})
const idle: MeteredRoute = { entered: 0, underWay: 0, statistics: NOTHING, timeNext() {} }

/** A route as its entry drives the timer. */
class Driven {
  readonly timers = new RouteTimers()
  readonly durations = this.timers.of('a')
  sent = 0
  #due = 1
  underWay = 0
  readonly #timer = this.timers.route('a', metered(this))

  timeNext() {
    this.#due = this.sent + 1
  }

  send(count: number, ms = 1): number {
    let timed = 0
    for (let i = 0; i < count; i++) {
      if (++this.sent !== this.#due) continue
      const standsFor = this.#timer.begins(this.sent)
      this.#due = this.#timer.due
      this.#timer.took(ms, standsFor)
      timed++
    }
    return timed
  }
}

describe('a route', () => {
  it('that has few exchanges has each of them timed', () => {
    const route = new Driven()
    for (let second = 0; second < 50; second++) {
      expect(route.send(80)).toBe(80)
      route.timers.pulse()
    }
    expect(total(route.durations)).toBe(50 * 80)
  })

  it('that has many has some timed, which stand for all', () => {
    const route = new Driven()
    const timed = route.send(1_000_000, 2)
    expect(timed).toBeLessThan(4_100)
    expect(total(route.durations)).toBeGreaterThan(1_000_000 - 256)
    expect(route.durations.sumMs).toBe(total(route.durations) * 2)
  })

  it('whose rush is over counts its last ones, though none comes after them', () => {
    const route = new Driven()
    route.send(1_000, 2)
    expect(total(route.durations)).toBeLessThan(1_000)
    route.timers.pulse()
    expect([total(route.durations), route.durations.sumMs]).toEqual([1_000, 2_000])
    route.timers.pulse()
    route.send(300)
    route.timers.pulse()
    expect(total(route.durations)).toBe(1_300)
  })

  it('whose rush is over has the next one timed, and the last ones of the rush with it, when some were under way', () => {
    const route = new Driven()
    route.send(1_000)
    route.underWay = 1
    route.timers.pulse()
    expect(total(route.durations)).toBeLessThan(1_000)
    expect(route.send(1)).toBe(1)
    expect(total(route.durations)).toBe(1_001)
  })

  it('counts none twice and none less, however rushes and pulses come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { maxLength: 30 }), rushes => {
        const route = new Driven()
        for (const rush of rushes) {
          route.send(rush)
          route.timers.pulse()
        }
        expect(total(route.durations)).toBe(route.sent)
      }),
    )
  })

  it('that takes the place of another goes on in its durations, and counts from its own first exchange', () => {
    const timers = new RouteTimers()
    const old = timers.route('a', idle)
    old.took(1, old.begins(700))
    const anew = timers.route('a', idle)
    expect([anew.due, anew.begins(1)]).toEqual([1, 1])
    anew.took(1, 1)
    expect(total(timers.of('a'))).toBe(701)
    // Or never runs, because its change was refused: then the old one goes on, and stands for its own only.
    expect(old.begins(701)).toBe(1)
  })
})

it('a duration is in the first bucket that it does not exceed, one beyond all in the last', () => {
  const durations = new Durations()
  const at = (ms: number) => {
    durations.counts.fill(0)
    durations.took(ms, 1)
    return durations.counts.indexOf(1)
  }
  for (const [index, bound] of BUCKETS_MS.entries()) expect([at(bound), at(bound * 1.01)]).toEqual([index, index + 1])
  expect(at(0)).toBe(0)
})
