import { type Leadership, leaseTiming, MemberLease, momentOf } from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'

/** Two participants that lead; one of them has left and could not drain. */
async function oneCouldNotDrain() {
  const clock = new FakeClock()
  let settled = 0
  const lease = new MemberLease({
    namespace: 'ns',
    clock,
    timing: leaseTiming(10_000),
    report: error => expect.fail(String(error)),
    onSettled: () => void settled++,
  })
  const join = (participant: string) => {
    const campaign = lease.join(participant)
    const given: Leadership[] = []
    campaign.leadership.subscribe(one => one && given.push(one))
    return { campaign, given }
  }
  const [stubborn, good] = [join('stubborn'), join('good')]
  lease.granted(1n, momentOf(clock))
  good.given[0]?.closing.addEventListener('abort', () => good.given[0]?.drained())
  const left = stubborn.campaign.leave(100)
  await clock.advance(100)
  expect(await left).toBe(false)
  return { clock, lease, stubborn, good, settled: () => settled }
}

/** What a promise gave, or `waits`. */
async function now<T>(clock: FakeClock, promise: Promise<T>): Promise<T | 'waits'> {
  let answer: T | 'waits' = 'waits'
  void promise.then(given => {
    answer = given
  })
  await clock.advance(0)
  return answer
}

it('stop waits for work of one that left before, and says false; nothing is renewed after it', async () => {
  const { clock, lease, good, settled } = await oneCouldNotDrain()
  expect(good.given[0]?.isValid()).toBe(true)
  const stopped = lease.stop(500)
  expect(await now(clock, stopped)).toBe('waits')
  expect(lease.renewable).toBe(true)
  await clock.advance(500)
  expect(await now(clock, stopped)).toBe(false)
  expect([lease.renewable, lease.term?.phase, settled()]).toEqual([false, 'ended', 0])
})

it('stop is over as soon as that work has drained', async () => {
  const { clock, lease, stubborn, settled } = await oneCouldNotDrain()
  const stopped = lease.stop(500)
  expect(await now(clock, stopped)).toBe('waits')
  stubborn.given[0]?.drained()
  expect(await now(clock, stopped)).toBe(true)
  expect([lease.term, settled()]).toEqual([undefined, 1])
})

it('stop after everybody has left shortens what is left of their time', async () => {
  const { clock, lease, good } = await oneCouldNotDrain()
  const left = good.campaign.leave(45_000)
  expect(await now(clock, left)).toBe('waits')
  const stopped = lease.stop(500)
  await clock.advance(500)
  expect([await now(clock, stopped), await now(clock, left)]).toEqual([false, false])
  expect(lease.renewable).toBe(false)
})

it('one that has drained and waits for another takes none of its time', async () => {
  const { clock, lease, good } = await oneCouldNotDrain()
  const given: Leadership[] = []
  const late = lease.join('late')
  late.leadership.subscribe(one => one && given.push(one))
  const [short, long] = [good.campaign.leave(200), late.leave(2000)]
  await clock.advance(200)
  expect(await now(clock, short)).toBe(false)
  expect([given[0]?.isValid(), lease.renewable]).toEqual([true, true])
  await clock.advance(1800)
  expect(await now(clock, long)).toBe(false)
  expect(given[0]?.isValid()).toBe(false)
})

it('stop when nobody takes part any more waits for what is under way, and ends it', async () => {
  const { clock, lease, good } = await oneCouldNotDrain()
  good.given[0]?.resign('why')
  const left = good.campaign.leave(200)
  await clock.advance(200)
  expect(await now(clock, left)).toBe(false)
  expect([lease.participants, lease.renewable]).toEqual([0, true])
  const stopped = lease.stop(500)
  expect(await now(clock, stopped)).toBe('waits')
  await clock.advance(500)
  expect(await now(clock, stopped)).toBe(false)
  expect(lease.renewable).toBe(false)
})

it('who has drained in time waits for the release, however long that takes', async () => {
  const clock = new FakeClock()
  const released = Promise.withResolvers<void>()
  const lease = new MemberLease({
    namespace: 'ns',
    clock,
    timing: leaseTiming(10_000),
    report: error => expect.fail(String(error)),
    onSettled: () => released.promise,
  })
  const campaign = lease.join('route')
  lease.granted(1n, momentOf(clock))
  const left = campaign.leave(100)
  await clock.advance(1000)
  expect(await now(clock, left)).toBe('waits')
  released.resolve()
  expect(await now(clock, left)).toBe(true)
})
