import { FakeClock, fakeRoute } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { timer } from '../src/index.ts'

/** Starts a timer whose n-th event takes `takes[n]` ms, and gives what is needed to watch it. */
async function watch(query: string, takes: readonly number[] = []) {
  const clock = new FakeClock()
  const start = clock.monotonic()
  const times: number[] = []
  let open = 0
  let most = 0
  const route = fakeRoute({
    clock,
    route: () => {
      const ms = takes[times.length]
      times.push(clock.monotonic() - start)
      if (ms === undefined) return undefined
      most = Math.max(most, ++open)
      return new Promise<void>(resolve => {
        clock.setTimeout(() => {
          open--
          resolve()
        }, ms)
      })
    },
  })
  const consumer = route.consumer(timer, `timer:tick${query}`)
  await consumer.start(new AbortController().signal)
  return { clock, times, route, consumer, most: () => most }
}

describe('a timer', () => {
  it('fires 24 hours of ticks under a clock that does not wait', async () => {
    const { clock, times } = await watch('')
    await clock.advance(24 * 3_600_000)
    expect(times).toHaveLength(86_400)
    expect(times.at(-1)).toBe(86_400_000)
  })

  it('shifts after a slow event: the next is due one period after its start, or when it is done', async () => {
    const { clock, times } = await watch('?delay=0&period=100', [250, 30])
    await clock.advance(600)
    expect(times).toEqual([0, 250, 350, 450, 550])
  })

  it('with fixedRate makes up for what was late, and is back on its times', async () => {
    const { clock, times } = await watch('?delay=0&period=100&fixedRate=true', [250, 30])
    await clock.advance(600)
    expect(times).toEqual([0, 250, 280, 300, 400, 500, 600])
  })

  it('after a pause of the process shifts, or with fixedRate makes up for all of it', async () => {
    for (const [query, expected] of [
      ['', [1000, 5000, 6000]],
      ['?fixedRate=true', [1000, 5000, 5000, 5000, 5000, 6000]],
    ] as const) {
      const { clock, times } = await watch(query)
      await clock.advance(1000)
      clock.pause(4000)
      await clock.advance(1000)
      expect(times).toEqual(expected)
    }
  })

  it('never has two events under way', async () => {
    const { clock, most, times } = await watch(
      '?delay=0&period=10&fixedRate=true',
      Array.from({ length: 9 }, () => 35),
    )
    await clock.advance(300)
    expect(times.length).toBeGreaterThan(8)
    expect(most()).toBe(1)
  })

  it('goes on after an event that failed', async () => {
    const clock = new FakeClock()
    const route = fakeRoute({ clock, route: exchange => exchange.fail(new Error('no')) })
    const consumer = route.consumer(timer, 'timer:tick')
    await consumer.start(new AbortController().signal)
    await clock.advance(3000)
    expect(route.exchanges).toHaveLength(3)
  })

  it('is not moved by a step of the wall clock', async () => {
    const { clock, times } = await watch('')
    clock.stepWall(-3_600_000)
    await clock.advance(2000)
    clock.stepWall(7_200_000)
    await clock.advance(1000)
    expect(times).toEqual([1000, 2000, 3000])
  })
})

describe('stopping a timer', () => {
  it('lets nothing in after quiesce, even from a hurried one or one that is late', async () => {
    for (const query of ['?delay=-1', '?fixedRate=true&period=1', '']) {
      for (const isSlow of [false, true]) {
        const clock = new FakeClock()
        const route = fakeRoute({
          clock,
          route: () => {
            if (route.exchanges.length === 3) void consumer.quiesce()
            clock.pause(5)
            return isSlow ? Promise.resolve() : undefined
          },
        })
        const consumer = route.consumer(timer, `timer:tick${query}`)
        await consumer.start(new AbortController().signal)
        await clock.advance(5000)
        expect(route.exchanges).toHaveLength(3)
        await consumer.close(false)
        expect(clock.pending).toBe(0)
      }
    }
  })

  it('a quiesced one goes on after resume: its count too, without what passed meanwhile', async () => {
    for (const query of ['', '?fixedRate=true']) {
      const { clock, times, route, consumer } = await watch(
        `${query}${query ? '&' : '?'}includeMetadata=true&repeatCount=4`,
      )
      await clock.advance(2000)
      await consumer.quiesce()
      await clock.advance(3500)
      await consumer.resume?.()
      await clock.advance(5000)
      expect(times).toEqual([1000, 2000, 6000, 7000])
      expect(route.exchanges.map(exchange => exchange.getProperty('CamelTimerCounter'))).toEqual([1, 2, 3, 4])
    }
  })

  it('resumed while an event is under way, it still has one at a time', async () => {
    const { clock, times, consumer, most } = await watch('?delay=0&period=100', [1000, 1000])
    await clock.advance(150)
    await consumer.quiesce()
    await consumer.resume?.()
    await clock.advance(1700)
    expect(times).toEqual([0, 1000])
    expect(most()).toBe(1)
  })
})
