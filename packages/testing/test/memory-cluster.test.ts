import type { Campaign, ClusterState, Leadership } from '@dromedary/core/cluster'
import { describe, expect, it } from 'vitest'
import { FakeClock, type MemoryMember, memoryCluster } from '../src/index.ts'

function join(member: MemoryMember): { campaign: Campaign; all: Leadership[]; newest: () => Leadership | undefined } {
  const all: Leadership[] = []
  const campaign = member.campaign('ns', { participant: 'route' })
  campaign.leadership.subscribe(leadership => {
    if (!leadership) return
    all.push(leadership)
    leadership.closing.addEventListener('abort', () => leadership.drained())
  })
  return { campaign, all, newest: () => all.at(-1) }
}

async function pair() {
  const clock = new FakeClock()
  const cluster = memoryCluster({ clock })
  const [one, two] = [cluster.member(), cluster.member()]
  await one.start()
  const first = join(one)
  await clock.advance(10)
  await two.start()
  const second = join(two)
  await clock.advance(3_000)
  expect([first.all.length, second.all.length]).toEqual([1, 0])
  return { clock, cluster, one, two, first, second }
}

describe('the in-memory cluster', () => {
  it('the answer to a renewal that was written got lost: the leader adopts it and goes on (a 409 means: read)', async () => {
    const { clock, one, first } = await pair()
    one.faults.loseWriteAnswers = 1
    await clock.advance(30_000)
    expect([first.all.length, first.newest()?.accepts()]).toEqual([1, true])
  })

  it('the answer to the acquiring write got lost: the record is its own, and it leads under a new term', async () => {
    const clock = new FakeClock()
    const cluster = memoryCluster({ clock })
    const member = cluster.member()
    member.faults.loseWriteAnswers = 1
    await member.start()
    const seat = join(member)
    await clock.advance(10_000)
    expect(seat.newest()?.accepts()).toBe(true)
    expect(cluster.store.peek('ns')?.record.term).toBe(seat.newest()?.term)
  })

  it.each([
    ['deleted', undefined],
    ['emptied without the mark of a release', ''],
  ] as const)(
    'a record that was %s by hand: the holder ends at once, nobody follows before a whole lease',
    async (_, holder) => {
      const { clock, cluster, first, second } = await pair()
      const stored = cluster.store.peek('ns')
      const record = holder === undefined || !stored ? undefined : { ...stored.record, holder, incarnation: '' }
      cluster.store.tamper('ns', record)
      await clock.advance(10)
      expect(first.newest()?.ended.reason).toBe('record-changed')
      await clock.advance(14_900)
      expect([first.all.length, second.all.length]).toEqual([1, 0])
      await clock.advance(2_200)
      expect(first.all.length + second.all.length).toBe(2)
    },
  )

  it('terms grow although the record was deleted and the wall clock set back', async () => {
    const { clock, cluster, one, two, first, second } = await pair()
    const before = first.newest()?.term ?? 0n
    one.clock.stepWall(-86_400_000)
    two.clock.stepWall(-86_400_000)
    cluster.store.tamper('ns', undefined)
    await clock.advance(20_000)
    const after = (second.newest() ?? first.all[1])?.term
    expect(after).toBeGreaterThan(before)
  })

  it('somebody else in the record: taken, with no time to drain', async () => {
    const { clock, cluster, first } = await pair()
    const stored = cluster.store.peek('ns')
    if (stored)
      cluster.store.tamper('ns', { ...stored.record, holder: 'x', incarnation: 'x', term: stored.record.term + 1n })
    await clock.advance(10)
    expect(first.newest()?.isValid()).toBe(false)
    expect(first.newest()?.ended.reason).toBe('taken')
  })

  it('a member that is cut off ends on its own before another one leads', async () => {
    const { clock, one, first, second } = await pair()
    one.faults.cutOff = true
    while (first.newest()?.isValid()) await clock.advance(100)
    expect(second.all).toHaveLength(0)
    await clock.advance(8_000)
    expect(second.newest()?.accepts()).toBe(true)
    one.faults.cutOff = false
    await clock.advance(10_000)
    expect([first.all.length, second.all.length]).toEqual([1, 1])
  })

  it('slow answers: a renewal counts from when it was sent', async () => {
    const { clock, cluster, first } = await pair()
    cluster.store.faults.delayMs = 3_000
    await clock.advance(4_000)
    for (let at = 0; at < 100; at++) {
      await clock.advance(100)
      expect(first.newest()?.remainingMs()).toBeLessThanOrEqual(cluster.timing.hardEndAfterMs - 3_000)
    }
    expect([first.all.length, first.newest()?.accepts()]).toEqual([1, true])
  })

  it('tells why the last leader ended, and for how long nobody led', async () => {
    const { clock, two, first, second, one } = await pair()
    const states: ClusterState[] = []
    two.observe('ns').subscribe(state => states.push(state))
    first.newest()?.resign('broker away')
    await clock.advance(100)
    expect(second.newest()?.accepts()).toBe(true)
    expect(states.at(-1)?.lastChange?.reason).toBe('resigned: broker away')
    expect(states.at(-1)?.lastChange?.leaderlessMs).toBeLessThan(50)
    two.kill()
    await clock.advance(20_000)
    const seen: ClusterState[] = []
    one.observe('ns').subscribe(state => seen.push(state))
    expect(seen[0]?.lastChange?.reason).toBe('not renewed')
    expect(seen[0]?.lastChange?.leaderlessMs).toBeGreaterThanOrEqual(15_000)
  })

  it('standing back grows and ends early when nobody else takes the record', async () => {
    const clock = new FakeClock()
    const cluster = memoryCluster({ clock, random: () => 1 })
    const member = cluster.member()
    await member.start()
    const seat = join(member)
    await clock.advance(10)
    seat.newest()?.resign('alone')
    await clock.advance(3_900)
    expect(seat.all).toHaveLength(1)
    await clock.advance(2_200)
    expect(seat.all).toHaveLength(2)
  })

  it('keeps what listeners threw, and each grant with its end in advance', async () => {
    const { clock, cluster, one } = await pair()
    one.observe('ns').subscribe(() => {
      throw new Error('thrown by a listener')
    })
    expect(cluster.reported.map(String)).toEqual(['Error: thrown by a listener'])
    const [granted] = cluster.events
    expect([granted?.type, granted?.member]).toEqual(['granted', 'member-1'])
    expect(granted?.hardEndMonotonicMs).toBeLessThan(clock.monotonic() + 15_000)
  })

  it('refuses times that leave nothing of the lease', () => {
    expect(() => memoryCluster({ leaseMs: 300 })).toThrow(/300 ms/)
  })
})
