import { sleep } from '@dromedary/core'
import { describe, expect, it } from 'vitest'
import { FakeClock, SkewedClock } from '../src/index.ts'

describe('FakeClock', () => {
  it('stands still until it is advanced', async () => {
    const clock = new FakeClock({ now: 1_000, monotonic: 50 })
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 50])
    await clock.advance(0.5)
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 50.5])
    await clock.advance(0.5)
    expect([clock.now(), clock.monotonic()]).toEqual([1_001, 51])
  })

  it('runs timers in the order of their time, then of their setting, each at its own time', async () => {
    const clock = new FakeClock({ monotonic: 0 })
    const ran: string[] = []
    const at = (name: string, ms: number) => clock.setTimeout(() => ran.push(`${name} ${clock.monotonic()}`), ms)
    at('c', 30)
    at('a', 10)
    at('b', 10)
    at('now', -5)
    at('never', 31)
    await clock.advance(30)
    expect(ran).toEqual(['now 0', 'a 10', 'b 10', 'c 30'])
    expect([clock.pending, clock.nextIn, clock.monotonic()]).toEqual([1, 1, 30])
  })

  it('lets promise chains settle between two timers, and before the first', async () => {
    const clock = new FakeClock()
    const ran: string[] = []
    const chain = async (name: string) => {
      for (let link = 0; link < 50; link++) await null
      ran.push(name)
    }
    void chain('before').then(() => clock.setTimeout(() => ran.push('set by a chain'), 1))
    clock.setTimeout(() => void chain('after one'), 10)
    clock.setTimeout(() => ran.push('two'), 10)
    await clock.advance(10)
    expect(ran).toEqual(['before', 'set by a chain', 'after one', 'two'])
  })

  it('runs timers that are set on the way, and those alone that are due', async () => {
    const clock = new FakeClock()
    let ticks = 0
    const tick = () => {
      ticks++
      clock.setTimeout(tick, 1_000)
    }
    clock.setTimeout(tick, 1_000)
    await clock.advance(60_000)
    expect(ticks).toBe(60)
  })

  it('cancels, twice and late as well', async () => {
    const clock = new FakeClock()
    let ran = 0
    const timers = Array.from({ length: 500 }, (_, at) => clock.setTimeout(() => ran++, at + 1))
    for (const timer of timers.slice(100)) timer.cancel()
    timers[100]?.cancel()
    expect(clock.pending).toBe(100)
    await clock.advance(500)
    for (const timer of timers) timer.unref().cancel()
    expect([ran, clock.pending]).toEqual([100, 0])
  })

  it('steps the wall clock alone', async () => {
    const clock = new FakeClock({ now: 10_000, monotonic: 0 })
    clock.stepWall(-3_600_000)
    expect([clock.now(), clock.monotonic()]).toEqual([-3_590_000, 0])
  })

  it('pauses: both clocks jump, and what became due runs late', async () => {
    const clock = new FakeClock({ monotonic: 0 })
    const ran: number[] = []
    clock.setTimeout(() => ran.push(clock.monotonic()), 10)
    clock.setTimeout(() => ran.push(clock.monotonic()), 20)
    clock.pause(60_000)
    expect([ran, clock.monotonic(), clock.nextIn]).toEqual([[], 60_000, 0])
    await clock.advance(0)
    expect(ran).toEqual([60_000, 60_000])
  })

  it('rejects with what a timer threw, and goes on after it', async () => {
    const clock = new FakeClock()
    let ran = false
    clock.setTimeout(() => {
      throw new Error('boom')
    }, 1)
    clock.setTimeout(() => {
      ran = true
    }, 2)
    await expect(clock.advance(5)).rejects.toThrow('boom')
    await clock.advance(5)
    expect(ran).toBe(true)
  })

  it('refuses two advances at once, and a timer that sets itself with 0 ms for ever', async () => {
    const clock = new FakeClock()
    const first = clock.advance(1)
    await expect(clock.advance(1)).rejects.toThrow('another advance')
    await first
    const forever = () => void clock.setTimeout(forever, 0)
    forever()
    await expect(clock.advance(1)).rejects.toThrow('at one instant')
  })

  it('is fast: 100,000 timers, set in no order', async () => {
    const clock = new FakeClock()
    let ran = 0
    let last = 0
    let ordered = true
    for (let at = 0; at < 100_000; at++) {
      const due = (at * 7_919) % 100_003
      clock.setTimeout(() => {
        ran++
        ordered &&= due >= last
        last = due
      }, due)
    }
    await clock.advance(100_003)
    expect([ran, ordered]).toEqual([100_000, true])
  }, 10_000)

  it('serves sleep()', async () => {
    const clock = new FakeClock()
    const abort = new AbortController()
    const results = Promise.all([sleep(clock, 1_000), sleep(clock, 2_000, abort.signal)])
    await clock.advance(1_000)
    abort.abort()
    expect(await results).toEqual([true, false])
    expect(clock.pending).toBe(0)
  })
})

describe('SkewedClock', () => {
  it('has an offset and a rate of its own', async () => {
    const base = new FakeClock({ now: 0, monotonic: 0 })
    const clock = new SkewedClock(base, { wallOffset: 60_000, monotonicOffset: 500, rate: 2 })
    let ran: number | undefined
    clock.setTimeout(() => {
      ran = base.monotonic()
    }, 1_000)
    await base.advance(500)
    expect([clock.now(), clock.monotonic(), ran]).toEqual([61_000, 1_500, 500])
    clock.stepWall(5)
    expect([clock.now(), base.now()]).toEqual([61_005, 500])
  })

  it('frozen: its time goes on, its timers wait, and run late in order', async () => {
    const base = new FakeClock({ monotonic: 0 })
    const clock = new SkewedClock(base)
    const ran: string[] = []
    clock.setTimeout(() => ran.push('one'), 10)
    clock.setTimeout(() => ran.push('two'), 20)
    const gone = clock.setTimeout(() => ran.push('cancelled'), 15)
    base.setTimeout(() => ran.push('other'), 30)
    clock.freeze()
    await base.advance(100)
    gone.cancel()
    expect([ran, clock.monotonic(), clock.frozen]).toEqual([['other'], 100, true])
    clock.thaw()
    await base.advance(0)
    expect(ran).toEqual(['other', 'one', 'two'])
  })
})
