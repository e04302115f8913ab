import { FakeClock } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { ApiFailure, type WatchListener } from '../src/api.ts'
import { KeptWatch } from '../src/kept-watch.ts'
import type { LeaseObject } from '../src/objects.ts'

const LEASE: LeaseObject = { metadata: { name: 'a' } }
const RETRY_MS = 2_000

interface Opened {
  readonly at: number
  readonly listener: WatchListener<LeaseObject>
  closed: boolean
}

function stage(random = 0.5) {
  const clock = new FakeClock({ monotonic: 0 })
  const opened: Opened[] = []
  const events: string[] = []
  const failures: (string | undefined)[] = []
  const watch = new KeptWatch<LeaseObject>({
    clock,
    random: () => random,
    retryMs: RETRY_MS,
    open(listener) {
      const one: Opened = { at: clock.monotonic(), listener, closed: false }
      opened.push(one)
      return {
        close() {
          one.closed = true
        },
      }
    },
    event: (type, { metadata }, askedAt) => void events.push(`${type} ${metadata.name} ${askedAt}`),
    failed: failure => void failures.push(failure.reason),
  })
  return { clock, opened, events, failures, watch, last: () => opened.at(-1) as Opened }
}

describe('a watch that is kept', () => {
  it('is opened at once, and tells each event with the time at which it was opened', async () => {
    const { clock, opened, events, last, watch } = stage()
    expect(watch.lastSign).toBe(Number.NEGATIVE_INFINITY)
    await clock.advance(100)
    last().listener.opened()
    expect(watch.lastSign).toBe(100)
    await clock.advance(100)
    for (const type of ['ADDED', 'MODIFIED', 'BOOKMARK', 'DELETED'] as const) last().listener.event(type, LEASE)
    expect([opened.length, events]).toEqual([1, ['ADDED a 0', 'MODIFIED a 0', 'DELETED a 0']])
    expect(watch.lastSign).toBe(200)
  })

  it('is opened again when the server ended it, and again more and more slowly while that brings nothing', async () => {
    const { clock, opened, failures, last } = stage()
    for (let tries = 0; tries < 7; tries++) {
      last().listener.closed(undefined)
      await clock.advance(31_000)
    }
    const waits = opened.slice(1).map(({ at }, before) => at - 31_000 * before)
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    expect(failures).toEqual([])
  })

  it('waits less again once an event has come', async () => {
    const { clock, opened, last } = stage()
    for (let tries = 0; tries < 3; tries++) {
      last().listener.closed(undefined)
      await clock.advance(10_000)
    }
    last().listener.event('BOOKMARK', LEASE)
    last().listener.closed(undefined)
    await clock.advance(RETRY_MS)
    expect(opened).toHaveLength(5)
  })

  it('waits by chance a fifth more or less, so that members do not come back together', async () => {
    for (const [random, ms] of [
      [0, 1_600],
      [1, 2_400],
    ] as const) {
      const { clock, opened, last } = stage(random)
      last().listener.closed(undefined)
      await clock.advance(ms - 1)
      expect(opened).toHaveLength(1)
      await clock.advance(1.1)
      expect(opened).toHaveLength(2)
    }
  })

  it('says that it failed, and is opened again all the same', async () => {
    const { clock, opened, failures, last, watch } = stage()
    last().listener.opened()
    last().listener.closed(new ApiFailure('gone', { reason: 'ECONNRESET' }))
    expect([failures, watch.lastSign]).toEqual([['ECONNRESET'], Number.NEGATIVE_INFINITY])
    await clock.advance(RETRY_MS)
    expect(opened).toHaveLength(2)
  })

  it('counts as dead after 150 s without a sign of life, and is opened anew', async () => {
    const { clock, opened, last } = stage()
    last().listener.opened()
    await clock.advance(149_000)
    last().listener.event('BOOKMARK', LEASE)
    await clock.advance(149_999)
    expect(opened).toHaveLength(1)
    await clock.advance(1)
    expect(opened.map(({ closed }) => closed)).toEqual([true, false])
  })

  it('is opened at once when the server answers again, if it broke for want of an answer', async () => {
    const { clock, opened, last, watch } = stage()
    last().listener.opened()
    watch.nudge()
    expect(opened).toHaveLength(1)
    last().listener.closed(new ApiFailure('gone', { reason: 'ECONNRESET' }))
    watch.nudge()
    watch.nudge()
    expect(opened).toHaveLength(2)
    await clock.advance(60_000)
    expect(opened).toHaveLength(2)
  })

  it.each([undefined, new ApiFailure('no', { status: 403 }), new ApiFailure('too many', { status: 429 })])(
    'waits as long as it has to, if the server has ended it: %s',
    async failure => {
      const { clock, opened, last, watch } = stage()
      last().listener.closed(failure)
      watch.nudge()
      expect(opened).toHaveLength(1)
      await clock.advance(RETRY_MS)
      expect(opened).toHaveLength(2)
    },
  )

  it('that was opened anew hears nothing of the one before', () => {
    const { opened, events, failures, watch, last } = stage()
    watch.restart()
    expect(opened.map(({ closed }) => closed)).toEqual([true, false])
    const [first] = opened as [Opened]
    first.listener.opened()
    first.listener.event('ADDED', LEASE)
    first.listener.closed(new ApiFailure('late'))
    expect([events, failures, watch.lastSign]).toEqual([[], [], Number.NEGATIVE_INFINITY])
    last().listener.event('ADDED', LEASE)
    expect(events).toHaveLength(1)
  })

  it('that is closed hears nothing more, is not opened again, and leaves no timer', async () => {
    const { clock, opened, events, last, watch } = stage()
    last().listener.opened()
    watch.close()
    expect([last().closed, clock.pending]).toEqual([true, 0])
    last().listener.event('ADDED', LEASE)
    last().listener.closed(undefined)
    watch.restart()
    watch.nudge()
    await clock.advance(600_000)
    expect([opened.length, events]).toEqual([1, []])
  })
})
