import type { RouteMeter } from '@dromedary/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUCKETS_MS, RouteTimer } from '../src/metrics/route-timer.ts'

const total = (timer: RouteTimer) => timer.counts.reduce((sum, count) => sum + count, 0)

/** A route as its entry drives the timer. */
class Driven {
  readonly timer: RouteTimer
  readonly #meter: RouteMeter
  sent = 0
  #due = 1
  /** Held by the entry, as in core: the timer itself holds it weakly. */
  readonly #timeNext = () => {
    this.#due = this.sent + 1
  }

  constructor(timer = new RouteTimer()) {
    this.timer = timer
    this.#meter = timer.begin(this.#timeNext)
  }

  send(count: number, ms = 1): number {
    let timed = 0
    for (let i = 0; i < count; i++) {
      if (++this.sent !== this.#due) continue
      const standsFor = this.#meter.begins(this.sent)
      this.#due = this.#meter.due
      this.#meter.took(ms, standsFor)
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
      route.timer.pulse()
    }
    expect(total(route.timer)).toBe(50 * 80)
  })

  it('that has many has some timed, which stand for all', () => {
    const route = new Driven()
    const timed = route.send(1_000_000, 2)
    expect(timed).toBeLessThan(4_100)
    expect(total(route.timer)).toBeGreaterThan(1_000_000 - 256)
    expect(route.timer.sumMs).toBe(total(route.timer) * 2)
  })

  it('whose rush is over has the next one timed, and the last ones of the rush with it', () => {
    const route = new Driven()
    route.send(1_000)
    route.timer.pulse()
    expect(route.send(1)).toBe(1)
    expect(total(route.timer)).toBe(1_001)
  })

  it('counts none twice and none less, however rushes and pulses come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { maxLength: 30 }), rushes => {
        const route = new Driven()
        for (const rush of rushes) {
          route.send(rush)
          route.timer.pulse()
        }
        route.send(1)
        expect(total(route.timer)).toBe(route.sent)
      }),
    )
  })

  it('that takes the place of another goes on in its counts, also while that one has exchanges', () => {
    const timer = new RouteTimer()
    const old = new Driven(timer)
    old.send(700)
    const anew = new Driven(timer)
    expect(total(timer)).toBeGreaterThan(700 - 256)
    old.send(50)
    anew.send(300)
    timer.pulse()
    expect([old.send(1), anew.send(1)]).toEqual([1, 1])
    expect(total(timer)).toBe(700 + 50 + 300 + 2)
  })
})

it('a duration is in the first bucket that it does not exceed, one beyond all in the last', () => {
  const timer = new RouteTimer()
  const at = (ms: number) => {
    timer.counts.fill(0)
    timer.took(ms, 1)
    return timer.counts.indexOf(1)
  }
  for (const [index, bound] of BUCKETS_MS.entries()) expect([at(bound), at(bound * 1.01)]).toEqual([index, index + 1])
  expect(at(0)).toBe(0)
})
