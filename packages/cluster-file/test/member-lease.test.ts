import { isDromedaryError } from '@dromedary/core'
import {
  type Leadership,
  type LeaseEvent,
  leaseTiming,
  MemberLease,
  momentOf,
  nextTerm,
  type SettledTerm,
  StandBack,
} from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import { filter } from 'rxjs'
import { describe, expect, it } from 'vitest'

// Closes at 6,667 ms, ends at 9,550 ms.
const timing = leaseTiming(10_000)

function setUp(options: { drainMs?: number; onSettled?: (settled: SettledTerm) => void } = {}) {
  const clock = new FakeClock()
  const settled: SettledTerm[] = []
  const events: LeaseEvent[] = []
  const reported: unknown[] = []
  const lease = new MemberLease({
    namespace: 'ns',
    clock,
    timing,
    report: error => reported.push(error),
    onEvent: event => events.push(event),
    onSettled: one => void settled.push(one),
    ...options,
  })
  const lead = (participant = 'route') => {
    const campaign = lease.join(participant)
    const given: Leadership[] = []
    campaign.leadership.pipe(filter(one => one !== undefined)).subscribe(one => given.push(one))
    return {
      campaign,
      given,
      get newest(): Leadership {
        const newest = given.at(-1)
        if (!newest) throw new Error('leads nothing')
        return newest
      },
    }
  }
  return { clock, lease, settled, events, reported, lead }
}

describe('the ends of a lease', () => {
  it('are lease − 1 % − 0.35 s, and two thirds', () => {
    expect(timing).toEqual({ leaseMs: 10_000, closeAfterMs: 20_000 / 3, hardEndAfterMs: 9550 })
    expect(() => leaseTiming(2000, 1700)).toThrow(/cannot close after 1700 ms/)
    expect(() => leaseTiming(300)).toThrow()
  })

  it('count from when the write was sent, not from its answer', () => {
    const { clock, lease, lead } = setUp()
    const seat = lead()
    const sent = momentOf(clock)
    clock.pause(3000)
    expect(lease.granted(1n, sent)).toBe(true)
    expect(seat.newest.remainingMs()).toBe(6550)
  })

  it('a grant whose end has passed is none', () => {
    const { clock, lease, lead, settled } = setUp()
    const seat = lead()
    const sent = momentOf(clock)
    clock.pause(9550)
    expect(lease.granted(1n, sent)).toBe(false)
    expect(seat.given).toEqual([])
    expect(settled).toEqual([])
    expect(lease.mayCompete).toBe(true)
  })

  it('an answer after the end comes too late, though the renewal was sent before it (I6)', () => {
    const { clock, lease, lead } = setUp()
    const seat = lead()
    lease.granted(1n, momentOf(clock))
    clock.pause(5000)
    const sent = momentOf(clock)
    clock.pause(4600)
    expect(lease.renewed(sent)).toBe(false)
    expect(seat.newest.isValid()).toBe(false)
    expect(seat.newest.ended.reason).toBe('stalled')
  })

  it('an answer after closing does not open again', async () => {
    const { clock, lease, lead } = setUp()
    const seat = lead()
    lease.granted(1n, momentOf(clock))
    await clock.advance(6000)
    const sent = momentOf(clock)
    await clock.advance(1000)
    expect(seat.newest.closing.reason).toBe('renewal-failed')
    expect(lease.renewed(sent)).toBe(false)
    expect(seat.newest.isValid()).toBe(true)
    await clock.advance(2550)
    expect(seat.newest.isValid()).toBe(false)
  })

  it('a wall clock beyond the tolerance ends, either way; a renewal does not hide it', () => {
    for (const step of [251, -251]) {
      const { clock, lease, lead } = setUp()
      const seat = lead()
      lease.granted(1n, momentOf(clock))
      clock.stepWall(step)
      expect(lease.renewed(momentOf(clock))).toBe(false)
      expect(seat.newest.ended.reason).toBe('clock')
    }
  })

  it('each end is told before anything may rely on it', () => {
    const { clock, lease, lead, events } = setUp()
    const seat = lead()
    const start = clock.monotonic()
    lease.granted(7n, momentOf(clock))
    clock.pause(1000)
    lease.renewed(momentOf(clock))
    seat.newest.resign('test')
    seat.newest.drained()
    expect(events.map(({ type, term, hardEndMonotonicMs }) => [type, term, hardEndMonotonicMs - start])).toEqual([
      ['granted', 7n, 9550],
      ['extended', 7n, 10_550],
      ['ended', 7n, 10_550],
    ])
  })
})

describe('letting go', () => {
  it('renewals go on while draining; release comes after the last has drained', async () => {
    const { clock, lease, lead, settled } = setUp()
    const [one, two] = [lead('one'), lead('two')]
    lease.granted(1n, momentOf(clock))
    one.newest.resign('why')
    for (let second = 0; second < 15; second++) {
      await clock.advance(1000)
      expect(lease.renewed(momentOf(clock))).toBe(true)
    }
    one.newest.drained()
    expect(one.newest.isValid()).toBe(false)
    expect(two.newest.isValid()).toBe(true)
    expect(settled).toEqual([])
    two.newest.drained()
    expect(settled).toEqual([{ term: 1n, reason: 'resigned', detail: 'why', heldMs: 15_000 }])
  })

  it('who does not drain in time loses the term, and nothing is released before it has drained', async () => {
    const { clock, lease, lead, settled } = setUp({ drainMs: 3000 })
    const seat = lead()
    lease.granted(1n, momentOf(clock))
    seat.newest.resign('why')
    await clock.advance(3000)
    expect(seat.newest.ended.aborted).toBe(true)
    expect(lease.renewable).toBe(false)
    expect(lease.mayCompete).toBe(false)
    expect(settled).toEqual([])
    expect(() => lease.granted(2n, momentOf(clock))).toThrow(/not settled/)
    seat.newest.drained()
    expect(settled).toHaveLength(1)
    expect(lease.mayCompete).toBe(true)
  })

  it('stop says whether all drained', async () => {
    for (const drains of [true, false]) {
      const { clock, lease, lead } = setUp()
      const seat = lead()
      lease.granted(1n, momentOf(clock))
      if (drains) seat.newest.closing.addEventListener('abort', () => seat.newest.drained())
      const stopped = lease.stop(500)
      await clock.advance(500)
      expect(await stopped).toBe(drains)
      expect(seat.newest.isValid()).toBe(false)
    }
  })

  it('stop shortens the patience of a campaign that is leaving already', async () => {
    const { clock, lease, lead } = setUp()
    const seat = lead()
    lease.granted(1n, momentOf(clock))
    const left = seat.campaign.leave(45_000)
    const stopped = lease.stop(500)
    await clock.advance(500)
    expect([await left, await stopped]).toEqual([false, false])
    expect(seat.newest.ended.aborted).toBe(true)
    expect(lease.renewable).toBe(false)
  })

  it('who was never given its leadership has nothing to drain', async () => {
    const { clock, lease, settled } = setUp()
    const campaign = lease.join('unobserved')
    lease.granted(1n, momentOf(clock))
    await campaign.leave(1000)
    expect(settled).toHaveLength(1)
  })

  it('a foreign change leaves no drain budget', () => {
    const { clock, lease, lead } = setUp()
    const seat = lead()
    lease.granted(1n, momentOf(clock))
    lease.lost('taken')
    expect([seat.newest.isValid(), seat.newest.closing.reason, seat.newest.ended.reason]).toEqual([
      false,
      'taken',
      'taken',
    ])
  })

  it.each(['a loss', 'letting go'])('with %s everybody is told of the end before anything is released', how => {
    const heard: string[] = []
    const onSettled = ({ term }: SettledTerm) => {
      heard.push('released')
      lease.released(term)
    }
    const { clock, lease, lead, events } = setUp({ onSettled })
    for (const participant of ['a', 'b']) {
      const seat = lead(participant)
      seat.campaign.leadership.subscribe(one => {
        // Nothing is under way: it drains the moment it is asked to.
        one?.closing.addEventListener('abort', () => one.drained())
        one?.ended.addEventListener('abort', () => heard.push(`${participant} ended, valid: ${one.isValid()}`))
      })
    }
    lease.granted(1n, momentOf(clock))
    if (how === 'a loss') lease.lost('record-changed')
    else lease.close('stopped')
    expect(heard).toEqual(['a ended, valid: false', 'b ended, valid: false', 'released'])
    expect(events.map(({ type }) => type)).toEqual(['granted', 'ended', 'released'])
    expect(lease.mayCompete).toBe(true)
  })

  it('listeners that throw are reported, whatever they listen to', () => {
    const { clock, lease, lead, reported } = setUp()
    const boom = () => {
      throw new Error('boom')
    }
    const seat = lead()
    seat.campaign.leadership.subscribe(boom)
    lease.granted(1n, momentOf(clock))
    seat.newest.closing.addEventListener('abort', boom)
    seat.newest.ended.addEventListener('abort', { handleEvent: boom })
    seat.newest.ended.addEventListener('abort', boom)
    seat.newest.ended.removeEventListener('abort', boom)
    lease.lost('taken')
    // Twice undefined, once the leadership, and two signals.
    expect(reported).toHaveLength(5)
  })
})

describe('terms (I7)', () => {
  it.each([
    [5n, 3n, 0, 6n],
    [3n, 5n, 0, 6n],
    [3n, 5n, 1000.7, 1000n],
    [1000n, 5n, 1000, 1001n],
  ])('recorded %s, seen %s, clock %s: %s', (recorded, seen, wall, term) => {
    expect(nextTerm(recorded, seen, wall)).toBe(term)
  })
})

describe('standing back (I5)', () => {
  const setUp = (random = 1) => {
    const clock = new FakeClock()
    return { clock, standBack: new StandBack({ clock, random: () => random, freeMs: 2000 }) }
  }

  it('doubles up to a minute, and less up to a quarter at random', () => {
    const { standBack } = setUp()
    const waits = [1, 2, 3, 4, 5, 6].map(() => {
      standBack.termEnded(true, 100)
      return standBack.remainingMs()
    })
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000])
    const low = setUp(0).standBack
    low.termEnded(true, 100)
    expect(low.remainingMs()).toBe(3750)
  })

  it('is cut short when the record stays free, and begins anew after a long term', async () => {
    const { clock, standBack } = setUp()
    standBack.termEnded(true, 100)
    standBack.observed('free')
    await clock.advance(1500)
    standBack.observed('unclear')
    standBack.observed('free')
    await clock.advance(1999)
    expect(standBack.remainingMs()).toBe(1)
    await clock.advance(1)
    expect(standBack.remainingMs()).toBe(0)
    standBack.termEnded(true, 60_000)
    expect(standBack.remainingMs()).toBe(5000)
  })

  it('is shorter for those that have seen another lead since: it was that one that failed', async () => {
    const { clock, standBack } = setUp()
    standBack.observed('held')
    standBack.termEnded(true, 100)
    standBack.observed('unclear')
    standBack.observed('free')
    // Nobody led since.
    expect(standBack.remainingMs()).toBe(2000)
    await clock.advance(500)
    standBack.observed('held')
    await clock.advance(500)
    standBack.observed('free')
    expect(standBack.remainingMs()).toBe(1000)
    await clock.advance(1000)
    expect(standBack.remainingMs()).toBe(0)
  })

  it('goes on when the short cut came to nothing', async () => {
    const { clock, standBack } = setUp()
    for (let resignation = 0; resignation < 4; resignation += 1) standBack.termEnded(true, 100)
    standBack.observed('held')
    standBack.observed('free')
    await clock.advance(1000)
    expect(standBack.remainingMs()).toBe(0)
    // Somebody was faster, and does not stay.
    standBack.observed('held')
    await clock.advance(100)
    standBack.observed('free')
    expect(standBack.remainingMs()).toBe(1000)
    standBack.observed('held')
    await clock.advance(38_900)
    expect(standBack.remainingMs()).toBe(0)
  })

  it.each([1000, 5000, 20_000])(
    'lets those that have seen another lead come first, with a retry period of %d ms',
    async retryMs => {
      const clock = new FakeClock()
      const member = (random: number) => new StandBack({ clock, random: () => random, freeMs: 2 * retryMs })
      const before = member(1)
      const last = member(0)
      for (let resignation = 0; resignation < 4; resignation += 1) before.termEnded(true, 100)
      before.observed('held')
      await clock.advance(100)
      last.termEnded(true, 100)
      for (const one of [before, last]) one.observed('free')
      expect(before.remainingMs()).toBeLessThan(last.remainingMs())
    },
  )

  it('ends with a term that was not resigned', () => {
    const { standBack } = setUp()
    standBack.termEnded(true, 100)
    standBack.termEnded(false, 100)
    expect(standBack.remainingMs()).toBe(0)
  })

  it('does not come after a loss', () => {
    const { standBack } = setUp()
    standBack.termEnded(false, 100)
    expect(standBack.remainingMs()).toBe(0)
  })
})

it('a campaign that leaves with others in it does not end their term', async () => {
  const { clock, lease, lead, settled } = setUp()
  const [one, two] = [lead('one'), lead('two')]
  lease.granted(1n, momentOf(clock))
  one.newest.closing.addEventListener('abort', () => one.newest.drained())
  await one.campaign[Symbol.asyncDispose]()
  expect([one.newest.isValid(), two.newest.accepts(), settled.length]).toEqual([false, true, 0])
  const late = lead('late')
  expect(late.newest.term).toBe(1n)
})

it('grants only to who is settled', () => {
  const { clock, lease, lead } = setUp()
  lead()
  lease.granted(1n, momentOf(clock))
  let thrown: unknown
  try {
    lease.granted(2n, momentOf(clock))
  } catch (error) {
    thrown = error
  }
  expect(isDromedaryError(thrown, 'DROMEDARY_INVALID_STATE')).toBe(true)
})
