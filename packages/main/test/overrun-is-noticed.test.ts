import type { Campaign, ClusterService, Leadership, LossReason } from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import { BehaviorSubject, firstValueFrom } from 'rxjs'
import { beforeEach, describe, expect, it } from 'vitest'
import { OVERRUN_GRACE_MS, type Overrun, watchOverruns } from '../src/cluster/overrun.ts'

const clock = new FakeClock()

/** A leadership that the test ends by hand. */
function leadershipOf(term: bigint) {
  const closing = new AbortController()
  const ended = new AbortController()
  const calls: string[] = []
  const leadership: Leadership = {
    namespace: 'ns',
    term,
    closing: closing.signal,
    ended: ended.signal,
    accepts: () => !closing.signal.aborted,
    isValid: () => !ended.signal.aborted,
    remainingMs: () => 7,
    drained: () => void calls.push('drained'),
    resign: reason => void calls.push(reason),
    renewed: async () => !ended.signal.aborted,
  }
  const end = (reason: LossReason = 'taken') => {
    closing.abort(reason)
    ended.abort(reason)
  }
  return { leadership, end, calls }
}

function serviceWith(subject: BehaviorSubject<Leadership | undefined>): ClusterService {
  const campaign: Campaign = {
    namespace: 'ns',
    leadership: subject,
    [Symbol.asyncDispose]: async () => subject.complete(),
  }
  return { campaign: () => campaign } as unknown as ClusterService
}

let overruns: Overrun[]
let over: Overrun[]
beforeEach(() => {
  overruns = []
  over = []
})

async function watched(inner: Leadership): Promise<{ leadership: Leadership; campaign: Campaign }> {
  const service = watchOverruns(serviceWith(new BehaviorSubject<Leadership | undefined>(inner)), clock, overrun => {
    overruns.push(overrun)
    return () => void over.push(overrun)
  })
  const campaign = service.campaign('ns', { participant: 'route1' })
  return { campaign, leadership: (await firstValueFrom(campaign.leadership)) as Leadership }
}

describe('a term', () => {
  it('that ends and is not drained within the grace is an overrun, once', async () => {
    const { leadership, end } = leadershipOf(5n)
    await watched(leadership)
    end()
    await clock.advance(OVERRUN_GRACE_MS - 1)
    expect(overruns).toEqual([])
    await clock.advance(1)
    expect(overruns).toEqual([{ namespace: 'ns', term: 5n, participant: 'route1' }])
    await clock.advance(60_000)
    expect(overruns).toHaveLength(1)
  })

  it('whose work ends after all is told again, once', async () => {
    const { leadership, end } = leadershipOf(8n)
    const late = await watched(leadership)
    end()
    await clock.advance(OVERRUN_GRACE_MS + 60_000)
    expect(over).toEqual([])
    late.leadership.drained()
    late.leadership.drained()
    expect(over).toEqual(overruns)
    expect(over).toHaveLength(1)
  })

  it('that this member gave up because a route was stopped is none: others may lead on under it', async () => {
    const { leadership, end } = leadershipOf(6n)
    await watched(leadership)
    end('stopped')
    await clock.advance(60_000)
    expect(overruns).toEqual([])
  })

  it('that was drained before its end, or within the grace, is none', async () => {
    const before = leadershipOf(1n)
    const early = await watched(before.leadership)
    early.leadership.drained()
    before.end()
    const after = leadershipOf(2n)
    const late = await watched(after.leadership)
    after.end()
    await clock.advance(OVERRUN_GRACE_MS / 2)
    late.leadership.drained()
    await clock.advance(60_000)
    expect(overruns).toEqual([])
    expect(before.calls).toEqual(['drained'])
  })

  it('that goes on is none', async () => {
    await watched(leadershipOf(3n).leadership)
    await clock.advance(3_600_000)
    expect(overruns).toEqual([])
  })

  it('that had ended before anybody looked counts too', async () => {
    const { leadership, end } = leadershipOf(4n)
    end()
    await watched(leadership)
    await clock.advance(OVERRUN_GRACE_MS)
    expect(overruns).toHaveLength(1)
  })
})

it('the leadership is otherwise the one of the service, the same object for everybody who asks', async () => {
  const { leadership: inner, end, calls } = leadershipOf(9n)
  const { leadership, campaign } = await watched(inner)
  expect(await firstValueFrom(campaign.leadership)).toBe(leadership)
  expect([leadership.namespace, leadership.term, leadership.remainingMs()]).toEqual(['ns', 9n, 7])
  expect([leadership.closing, leadership.ended]).toEqual([inner.closing, inner.ended])
  expect([leadership.accepts(), leadership.isValid()]).toEqual([true, true])
  leadership.resign('why')
  end()
  expect([leadership.accepts(), leadership.isValid(), calls]).toEqual([false, false, ['why']])
})
