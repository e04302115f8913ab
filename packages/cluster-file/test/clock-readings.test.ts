import { leaseTiming, MemberLease, momentOf } from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'

/** Pauses the process before the next readings of the wall clock, so many times. */
class PreemptedClock extends FakeClock {
  pauses = 0
  pauseMs = 300

  override now(): number {
    if (this.pauses > 0) {
      this.pauses--
      this.pause(this.pauseMs)
    }
    return super.now()
  }
}

function leads(clock: PreemptedClock) {
  const lease = new MemberLease({
    namespace: 'ns',
    clock,
    timing: leaseTiming(10_000),
    report: error => expect.fail(String(error)),
    onSettled: () => {},
  })
  lease.join('route').leadership.subscribe()
  return lease
}

it('a pause between the readings of the two clocks is no clock step', () => {
  const clock = new PreemptedClock()
  const lease = leads(clock)
  lease.granted(1n, momentOf(clock))
  clock.pauses = 1
  expect(lease.term?.isAlive()).toBe(true)
  expect(lease.term?.phase).toBe('open')
})

it('a pause between them past the end is seen as what it is', () => {
  const clock = new PreemptedClock()
  const lease = leads(clock)
  lease.granted(1n, momentOf(clock))
  clock.pauseMs = 20_000
  clock.pauses = 1
  expect(lease.term?.isAlive()).toBe(false)
  expect(lease.reason).toBe('stalled')
})

it('a moment read around a pause is read again, and never lies later than its first reading', () => {
  const clock = new PreemptedClock()
  const lease = leads(clock)
  clock.pauses = 2
  const moment = momentOf(clock)
  expect(moment).toEqual({ monotonic: clock.monotonic(), wall: clock.now() })
  expect(lease.granted(1n, moment)).toBe(true)
  expect(lease.term?.isAlive()).toBe(true)
})

it('a clock that never reads together ends the term: a few tries, not for ever', () => {
  const clock = new PreemptedClock()
  const lease = leads(clock)
  lease.granted(1n, momentOf(clock))
  clock.pauses = 20
  expect(lease.term?.isAlive()).toBe(false)
  expect(lease.reason).toBe('clock')
  expect(clock.pauses).toBeGreaterThan(10)
})
