import { Kubelet, type Pod } from '@dromedary/test-servers/kubernetes'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { beforeAll, describe, expect, it } from 'vitest'

const cluster = sharedKubernetes()

describe.skipIf(!cluster.owned)('a kubelet by hand', () => {
  const kubelet = new Kubelet(cluster)
  const startedAt = new Date('2026-11-26T10:00:00.900Z')
  const finishedAt = new Date('2026-11-26T10:05:07.100Z')
  let namespace: string
  let count = 0
  beforeAll(async () => {
    namespace = await cluster.namespace('kubelet')
  })

  const create = () => {
    count += 1
    return kubelet.create({ metadata: { namespace, name: `pod-${count}`, labels: { app: 'test' } } })
  }
  const conditions = (pod: Pod) =>
    Object.fromEntries((pod.status?.conditions ?? []).map(({ type, status }) => [type, status]))

  it('makes a pod that waits', async () => {
    const pod = await create()
    expect(pod).toMatchObject({ spec: { nodeName: 'node-1' }, status: { phase: 'Pending' } })
  })

  it('lets a container run', async () => {
    const pod = await kubelet.running(await create(), { containerID: 'containerd://1', startedAt })
    expect(pod.status).toMatchObject({
      phase: 'Running',
      containerStatuses: [
        {
          name: 'main',
          containerID: 'containerd://1',
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: '2026-11-26T10:00:00Z' } },
        },
      ],
    })
    expect(conditions(pod)).toMatchObject({ Ready: 'True', ContainersReady: 'True' })
  })

  it('lets a container end', async () => {
    const made = await create()
    await kubelet.running(made, { containerID: 'containerd://1', startedAt })
    const pod = await kubelet.terminated(made, {
      containerID: 'containerd://1',
      finishedAt,
      exitCode: 137,
      reason: 'OOMKilled',
    })
    expect(pod.status).toMatchObject({ phase: 'Running' })
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      ready: false,
      restartCount: 0,
      state: {
        terminated: {
          containerID: 'containerd://1',
          startedAt: '2026-11-26T10:00:00Z',
          finishedAt: '2026-11-26T10:05:07Z',
          exitCode: 137,
          reason: 'OOMKilled',
        },
      },
    })
    expect(conditions(pod)).toMatchObject({ Ready: 'False', ContainersReady: 'False' })
  })

  it('starts a container again in the place of one that has ended', async () => {
    const made = await create()
    await kubelet.running(made, { containerID: 'containerd://1', startedAt })
    const ended = { containerID: 'containerd://1', finishedAt, exitCode: 1, restarted: 'containerd://2' }
    const pod = await kubelet.terminated(made, ended)
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      containerID: 'containerd://2',
      ready: true,
      restartCount: 1,
      state: { running: { startedAt: '2026-11-26T10:05:07Z' } },
      lastState: { terminated: { containerID: 'containerd://1', exitCode: 1, reason: 'Error' } },
    })
    expect(conditions(pod)).toMatchObject({ Ready: 'True' })
  })

  it('takes a pod for ready when all of its containers are', async () => {
    const spec = {
      containers: [
        { name: 'main', image: 'a' },
        { name: 'side', image: 'b' },
      ],
    }
    const made = await kubelet.create({ metadata: { namespace, name: 'two' }, spec })
    const one = await kubelet.running(made, { containerID: 'containerd://1', startedAt })
    expect(conditions(one)).toMatchObject({ Ready: 'False' })
    const both = await kubelet.running(made, { containerID: 'containerd://2', startedAt, container: 'side' })
    expect(conditions(both)).toMatchObject({ Ready: 'True' })
    expect(both.status?.containerStatuses?.map(({ containerID }) => containerID)).toEqual([
      'containerd://1',
      'containerd://2',
    ])
  })

  it('changes readiness and phase', async () => {
    const made = await create()
    await kubelet.running(made, { containerID: 'containerd://1', startedAt })
    expect(conditions(await kubelet.ready(made, false))).toMatchObject({ Ready: 'False', ContainersReady: 'False' })
    expect(conditions(await kubelet.ready(made, true))).toMatchObject({ Ready: 'True' })
    expect((await kubelet.phase(made, 'Failed', 'Lost')).status).toMatchObject({ phase: 'Failed', reason: 'Lost' })
  })

  it('evicts a pod, which stays as failed', async () => {
    const made = await create()
    await kubelet.running(made, { containerID: 'containerd://1', startedAt })
    const pod = await kubelet.evict(made, finishedAt)
    expect(pod.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(137)
    expect(conditions(pod)).toMatchObject({ Ready: 'False' })
  })

  it('deletes in two steps', async () => {
    const made = await create()
    await kubelet.deletePod(made)
    expect((await kubelet.get(made)).metadata.deletionTimestamp).toBeTruthy()
    await kubelet.deletePod(made, { force: true })
    await expect(kubelet.get(made)).rejects.toMatchObject({ code: 404 })
  })
})
