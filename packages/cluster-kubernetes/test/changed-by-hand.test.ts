import { describe, expect, it } from 'vitest'
import type { LeaseObject, LeaseSpec } from '../src/objects.ts'
import { Stage } from './support/stage.ts'

const LEASE_MS = 15_000

const withSpec = (spec: LeaseSpec) => (lease: LeaseObject) => ({ ...lease, spec: { ...lease.spec, ...spec } })
const withNotes = (notes: Readonly<Record<string, string>>) => (lease: LeaseObject) => ({
  ...lease,
  metadata: { ...lease.metadata, annotations: { ...lease.metadata.annotations, ...notes } },
})

interface Change {
  readonly name: string
  readonly change: (lease: LeaseObject) => LeaseObject
  readonly reason: string
}

const losses: readonly Change[] = [
  { name: 'holder', change: withSpec({ holderIdentity: 'somebody' }), reason: 'taken' },
  { name: 'incarnation', change: withNotes({ 'dromedary/incarnation': 'another' }), reason: 'taken' },
  { name: 'term, to a larger one', change: withNotes({ 'dromedary/term': '9'.repeat(20) }), reason: 'record-changed' },
  { name: 'term, to a smaller one', change: withNotes({ 'dromedary/term': '7' }), reason: 'record-changed' },
  { name: 'term, to garbage', change: withNotes({ 'dromedary/term': '1e99; drop' }), reason: 'record-changed' },
  { name: 'duration', change: withSpec({ leaseDurationSeconds: 30 }), reason: 'record-changed' },
  { name: 'duration, to none', change: withSpec({ leaseDurationSeconds: null }), reason: 'record-changed' },
  { name: 'holder, to none', change: withSpec({ holderIdentity: '' }), reason: 'record-changed' },
]

const noLosses: readonly Pick<Change, 'name' | 'change'>[] = [
  {
    name: 'a label',
    change: lease => ({ ...lease, metadata: { ...lease.metadata, labels: { ...lease.metadata.labels, team: 'a' } } }),
  },
  { name: 'an annotation', change: withNotes({ 'example.com/note': 'hello' }) },
  { name: 'leaseTransitions', change: withSpec({ leaseTransitions: 40 }) },
  { name: 'renewTime', change: withSpec({ renewTime: '2126-01-01T00:00:00.000000Z' }) },
]

/** The leader is told by its watch, or finds out as it renews. */
const ways = [false, true]

describe.each(ways)('on a leader whose watch is silent (%s), a change by somebody else of', silentWatches => {
  it.each(losses)('$name is a loss, without a time to drain', async ({ change, reason }) => {
    const stage = new Stage()
    const leader = await stage.leader({ drains: false })
    leader.api.faults.silentWatches = silentWatches
    await stage.renewed(500)
    stage.tamper(change)
    await stage.until('it is not valid', () => !leader.newest?.isValid(), silentWatches ? 1_600 : 10)
    expect(leader.newest?.closing.reason).toBe(reason)
    expect(leader.newest?.ended.reason).toBe(reason)
  })

  it.each(noLosses)('$name is none', async ({ change }) => {
    const stage = new Stage()
    const leader = await stage.leader()
    leader.api.faults.silentWatches = silentWatches
    await stage.renewed(500)
    stage.tamper(change)
    await stage.pass(60_000)
    expect([leader.leads, leader.leaderships.length]).toEqual([true, 1])
  })
})

it("somebody else's labels, annotations and fields survive renewals, a release and the next leader", async () => {
  const stage = new Stage()
  const leader = await stage.leader()
  const next = await stage.follower()
  stage.tamper(({ metadata, ...lease }) => ({
    ...lease,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, team: 'a' },
      annotations: { ...metadata.annotations, 'example.com/note': 'hello' },
      finalizers: ['example.com/keep'],
    },
  }))
  const kept = {
    labels: { team: 'a', 'app.kubernetes.io/managed-by': 'dromedary', 'dromedary/cluster': 'dromedary' },
    annotations: { 'example.com/note': 'hello', 'dromedary/namespace': 'ns' },
    finalizers: ['example.com/keep'],
  }
  await stage.pass(10_000)
  expect(stage.lease?.metadata).toMatchObject(kept)
  await stage.stop(leader)
  await stage.until('the other one leads', () => next.leads, 1_000)
  await stage.pass(5_000)
  expect(stage.lease?.metadata).toMatchObject(kept)
})

describe('a term grows', () => {
  it.each([
    ['beyond one that was written by hand', '2000000000000'],
    ['where one too large to be of an election was written by hand', '9'.repeat(17)],
    ['where a smaller one was written by hand', '7'],
    ['where garbage was written by hand', 'garbage'],
    ['where one too long was written by hand', '9'.repeat(31)],
  ])('%s', async (_, text) => {
    const stage = new Stage()
    const leader = await stage.leader()
    const { term = 0n } = leader
    stage.tamper(withNotes({ 'dromedary/term': text }))
    await stage.until('it leads again', () => leader.leads && leader.term !== term, 2 * LEASE_MS)
    expect(leader.term).toBeGreaterThan(term)
    if (text === '2000000000000') expect(leader.term).toBe(BigInt(text) + 1n)
    else expect(leader.term).toBeLessThan(2_000_000_000_000n)
  })
})

describe('after a change that no rule explains everybody waits a whole lease, also the leader of before', () => {
  it.each<readonly [string, (stage: Stage) => void]>([
    ['it was deleted', ({ cluster }) => cluster.tamper('dromedary-ns', undefined)],
    ['it was emptied', stage => stage.tamper(withSpec({ holderIdentity: '' }))],
    ['it was emptied, times and all', stage => stage.tamper(lease => ({ ...lease, spec: {} }))],
    ['it was emptied, times and notes and all', stage => stage.tamper(() => ({ metadata: { name: '' }, spec: {} }))],
    [
      'it was made again as it had been',
      stage => {
        const { lease } = stage
        stage.cluster.tamper('dromedary-ns', undefined)
        stage.cluster.tamper('dromedary-ns', lease)
      },
    ],
    [
      'it was made again, blank',
      stage => {
        stage.cluster.tamper('dromedary-ns', undefined)
        stage.cluster.tamper('dromedary-ns', { metadata: { name: 'dromedary-ns' }, spec: {} })
      },
    ],
  ])('%s', async (_, happens) => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    await stage.renewed(500)
    const { term = 0n } = leader
    happens(stage)
    await stage.until('the leader has lost it', () => !leader.newest?.isValid(), 10)
    expect(leader.newest?.ended.reason).toBe('record-changed')
    const took = await stage.until('somebody leads', () => leader.leads || next.leads, 2 * LEASE_MS)
    expect(took).toBeGreaterThanOrEqual(LEASE_MS - 50)
    expect(took).toBeLessThanOrEqual(LEASE_MS + 1_000)
    expect([leader, next].find(one => one.leads)?.term).toBeGreaterThan(term)
    await stage.pass(30_000)
    expect(leader.leaderships.length + next.leaderships.length).toBe(2)
  })

  it('it was emptied under a leader that is cut off: valid as long as it may be, and nobody else before', async () => {
    const stage = new Stage()
    const leader = await stage.leader({ drains: false })
    const next = await stage.follower()
    await stage.renewed(100)
    leader.api.faults.cutOff = true
    stage.tamper(withSpec({ holderIdentity: '' }))
    await stage.pass(14_000)
    expect([leader.newest?.isValid(), next.leads]).toEqual([true, false])
    await stage.until('the other one leads', () => next.leads, 2_000)
  })
})
