import { describe, expect, it } from 'vitest'
import type { ContainerStatus, PodObject } from '../src/objects.ts'
import { type Member, type MemberOptions, Stage } from './support/stage.ts'

const LEASE_MS = 15_000
const HARD_END_MS = 14_500

interface Case {
  readonly name: string
  readonly holder?: MemberOptions
  /** What is said of the holder's pod. */
  readonly happens: (stage: Stage, holder: Member) => unknown
}

const main = (pod: PodObject, change: (status: ContainerStatus) => ContainerStatus): PodObject => ({
  ...pod,
  status: { ...pod.status, containerStatuses: (pod.status?.containerStatuses ?? []).map(change) },
})

/** Two containers, of which the second is not the holder's. */
const TWO: MemberOptions = {
  containerName: 'main',
  run: { spec: { containers: [{ name: 'main' }, { name: 'other' }] } },
}

const cases: readonly Case[] = [
  { name: 'force delete', happens: ({ cluster }, { pod }) => cluster.pods.forceDelete(pod) },
  { name: 'deletion with grace', happens: ({ cluster }, { pod }) => cluster.pods.delete(pod) },
  { name: "PodGC's Failed", happens: ({ cluster }, { pod }) => cluster.pods.setPhase(pod, 'Failed') },
  {
    name: 'a pod of that name with another uid and another container',
    happens({ cluster }, { pod }) {
      cluster.pods.forceDelete(pod)
      cluster.pods.run(pod)
    },
  },
  {
    name: 'a static pod whose mirror is made anew, with another uid',
    happens(stage, { pod }) {
      const containerID = stage.containerOf(pod) ?? ''
      stage.cluster.pods.removed(pod)
      stage.cluster.pods.run(pod, { containerID })
    },
  },
  {
    name: 'ContainerStatusUnknown',
    happens: ({ cluster }, { pod }) => cluster.pods.terminated(pod, { reason: 'ContainerStatusUnknown' }),
  },
  {
    name: 'ContainerStatusUnknown in lastState of a container that runs again',
    happens: ({ cluster }, { pod }) =>
      cluster.pods.terminated(pod, { reason: 'ContainerStatusUnknown', as: 'lastState', finishedAt: null }),
  },
  {
    name: 'terminated without finishedAt',
    happens: ({ cluster }, { pod }) => cluster.pods.terminated(pod, { finishedAt: null }),
  },
  {
    name: 'terminated at no time that can be read',
    happens: ({ cluster }, { pod }) => cluster.pods.terminated(pod, { finishedAt: 'soon' }),
  },
  {
    name: 'finished before the process had started',
    happens: ({ cluster }, { pod }) => cluster.pods.terminated(pod, { finishedAt: '2026-01-01T00:00:00Z' }),
  },
  {
    name: 'another container of the pod terminated',
    holder: TWO,
    happens({ cluster }, { pod }) {
      const other: ContainerStatus = { name: 'other', containerID: 'containerd://other', state: { running: {} } }
      cluster.pods.patch(pod, ({ status, ...rest }) => ({
        ...rest,
        status: { ...status, containerStatuses: [...(status?.containerStatuses ?? []), other] },
      }))
      cluster.pods.terminated(pod, { container: 'other' })
    },
  },
  {
    name: 'the container of the pod waits, and nobody says that it ended',
    happens: ({ cluster }, { pod }) =>
      cluster.pods.patch(pod, was =>
        main(was, one => ({ ...one, state: { waiting: { reason: 'CrashLoopBackOff' } } })),
      ),
  },
  {
    name: 'a readiness blip',
    happens({ cluster }, { pod }) {
      cluster.pods.setReady(pod, false)
      cluster.pods.setReady(pod, true)
    },
  },
  {
    name: 'an evicted pod that stays as Failed',
    happens: ({ cluster }, { pod }) =>
      cluster.pods.patch(pod, ({ status: _, ...rest }) => ({
        ...rest,
        status: { phase: 'Failed', reason: 'Evicted' },
      })),
  },
]

/** A holder whose container is known to all for long, and one who would like to follow it. */
async function scene({ holder: options = {} }: Pick<Case, 'holder'>) {
  const stage = new Stage()
  const holder = await stage.leader(options)
  await stage.pass(40_000)
  expect(stage.note('container-id')).toBe(stage.containerOf(holder.pod))
  const next = await stage.follower()
  return { stage, holder, next }
}

/** The container of before, in a status that lags behind; recorded by the process that runs in its place. */
async function predecessor() {
  const stage = new Stage()
  const before = await stage.leader()
  const container = stage.containerOf('pod-1')
  await stage.pass(20_000)
  before.kill()
  const finishedAt = new Date(stage.clock.now()).toISOString()
  await stage.pass(1_000)
  const holder = await stage.leader({ podName: 'pod-1' })
  await stage.until('it records the container before', () => stage.note('container-id') === container)
  expect(holder.state?.leader?.term).toBe(holder.term)
  const next = await stage.follower()
  const happens = () => stage.cluster.pods.terminated('pod-1', { as: 'lastState', finishedAt })
  return { stage, holder, next, happens }
}

async function keepsItsTerm(stage: Stage, holder: Member, next: Member, happens: () => unknown): Promise<void> {
  const { term } = holder
  happens()
  await stage.pass(2 * LEASE_MS + 5_000)
  expect([holder.leads, holder.term, next.leaderships]).toEqual([true, term, []])
  expect(stage.note('term')).toBe(String(term))
}

async function isTakenAtExpiry(stage: Stage, holder: Member, next: Member, happens: () => unknown): Promise<void> {
  await stage.renewed(700)
  holder.kill()
  happens()
  const last = stage.lease?.spec?.renewTime
  await stage.until('the other one leads', () => next.leads, 2 * LEASE_MS)
  const after = stage.clock.now() - Date.parse(last ?? '')
  expect(after).toBeGreaterThanOrEqual(HARD_END_MS)
  expect(after).toBeLessThanOrEqual(LEASE_MS + 500)
  expect(next.state?.lastChange?.reason).toBe('not renewed')
}

describe('a holder whose process runs on keeps its term for more than two leases', () => {
  it.each(cases)('$name', async one => {
    const { stage, holder, next } = await scene(one)
    await keepsItsTerm(stage, holder, next, () => one.happens(stage, holder))
  })

  it("the predecessor's container, recorded from a status that lagged behind, terminated", async () => {
    const { stage, holder, next, happens } = await predecessor()
    await keepsItsTerm(stage, holder, next, happens)
  })
})

describe('a holder that is dead is replaced when its lease has expired, not before and not much later', () => {
  it.each(cases)('$name', async one => {
    const { stage, holder, next } = await scene(one)
    await isTakenAtExpiry(stage, holder, next, () => one.happens(stage, holder))
  })

  it("the predecessor's container, recorded from a status that lagged behind, terminated", async () => {
    const { stage, holder, next, happens } = await predecessor()
    await isTakenAtExpiry(stage, holder, next, happens)
  })
})
