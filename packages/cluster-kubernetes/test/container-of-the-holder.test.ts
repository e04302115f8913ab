import { describe, expect, it } from 'vitest'
import { allRights } from './support/rights.ts'
import { type Member, Stage } from './support/stage.ts'

async function expires(stage: Stage, next: Member): Promise<void> {
  const last = Date.parse(stage.lease?.spec?.renewTime ?? '')
  await stage.until('the other one leads', () => next.leads, 30_000)
  expect(stage.clock.now() - last).toBeGreaterThanOrEqual(14_500)
}

describe('the container that a holder records', () => {
  it('is not recorded by a process younger than 10 s, and is soon after', async () => {
    const stage = new Stage()
    const holder = await stage.leader()
    await stage.until('its process is 10 s old', () => stage.clock.monotonic() >= 1_010_000)
    expect(stage.cluster.requests.count({ verb: 'get', resource: 'pods' })).toBe(0)
    expect(stage.note('container-id')).toBeUndefined()
    await stage.pass(4_500)
    expect(stage.note('container-id')).toBe(stage.containerOf(holder.pod))
    expect(stage.note('process-started')).toBe('2026-01-01T00:00:00.000Z')
  })

  it('is recorded at once by a process that is old when it begins to lead', async () => {
    const stage = new Stage()
    stage.cluster.pods.run('pod-1')
    await stage.pass(10_000)
    await stage.leader({ startedAt: stage.clock.now() - 10_000 })
    await stage.pass(4_500)
    expect(stage.note('container-id')).toBe(stage.containerOf('pod-1'))
  })

  it('without one nobody takes over before expiry', async () => {
    const stage = new Stage()
    const holder = await stage.leader()
    const next = await stage.follower()
    await stage.pass(5_000)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await expires(stage, next)
  })

  it('is corrected by the second read, and is not read again', async () => {
    const stage = new Stage()
    const real = stage.cluster.pods.run('pod-1')
    const container = stage.containerOf('pod-1')
    const lagging = {
      name: 'main',
      containerID: 'containerd://before',
      state: { running: { startedAt: '2025-12-31T23:00:00Z' } },
    }
    stage.cluster.pods.put({ ...real, status: { ...real.status, containerStatuses: [lagging] } })
    await stage.leader()
    await stage.until('it records what the status says', () => stage.note('container-id') === 'containerd://before')
    stage.cluster.pods.put(real)
    await stage.until('it is corrected', () => stage.note('container-id') === container, 26_000)
    const reads = () => stage.cluster.requests.count({ verb: 'get', resource: 'pods' })
    expect(reads()).toBe(2)
    await stage.pass(300_000)
    expect(reads()).toBe(2)
  })

  it('is not that of a container which started after the process, by a clock that disagrees', async () => {
    const stage = new Stage()
    await stage.leader({ startedAt: stage.clock.now() - 60_000 })
    await stage.pass(60_000)
    expect(stage.note('container-id')).toBeUndefined()
  })

  it('is not recorded while the status says that it waits', async () => {
    const stage = new Stage()
    const pod = stage.cluster.pods.run('pod-1')
    const waiting = { name: 'main', containerID: 'containerd://x', state: { waiting: { reason: 'CrashLoopBackOff' } } }
    stage.cluster.pods.put({ ...pod, status: { ...pod.status, containerStatuses: [waiting] } })
    await stage.leader()
    await stage.pass(60_000)
    expect(stage.note('container-id')).toBeUndefined()
    expect(stage.members[0]?.log.matching(/no takeover/)).toEqual([])
  })

  it('is read in spite of a server that failed once, and renewals do not wait for it', async () => {
    const stage = new Stage()
    const holder = await stage.leader({
      around: api => {
        let failures = 1
        const readPod = api.readPod.bind(api)
        return Object.assign(api, {
          readPod: (name: string) => (failures-- > 0 ? new Promise<never>(() => {}) : readPod(name)),
        })
      },
    })
    await stage.pass(60_000)
    expect([holder.leaderships.length, holder.leads]).toEqual([1, true])
    expect(stage.note('container-id')).toBe(stage.containerOf('pod-1'))
  })
})

describe('without rights on pods it goes by expiry alone, said once', () => {
  const withoutPods = allRights.filter(({ resource }) => resource !== 'pods')

  it('by a holder that may not read its own', async () => {
    const stage = new Stage()
    const holder = await stage.leader({ rights: withoutPods })
    const next = await stage.follower()
    await stage.pass(180_000)
    expect(stage.note('container-id')).toBeUndefined()
    expect(
      holder.log.matching(/no takeover from this member before its lease expires: it may not read pods/),
    ).toHaveLength(1)
    expect(holder.log.matching(/may not get pods/)).toHaveLength(1)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await expires(stage, next)
  })

  it("by a member that may not watch the holder's", async () => {
    const stage = new Stage()
    const holder = await stage.leader()
    const next = await stage.follower({ rights: withoutPods })
    await stage.pass(180_000)
    expect(next.log.matching(/may not watch pods/)).toHaveLength(1)
    expect(next.log.matching(/pod/i).filter(line => !/may not|this member is/.test(line)).length).toBeLessThanOrEqual(1)
    await stage.renewed(500)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await expires(stage, next)
  })
})
