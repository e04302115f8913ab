import { describe, expect, it } from 'vitest'
import type { PodObject } from '../../src/objects.ts'
import { recorded } from '../support/recorded.ts'
import { Stage } from './stage.ts'

const statusOf = (pod: PodObject | undefined) => pod?.status?.containerStatuses?.[0]

/** A pod `a`, and a watch of it that has told so. */
async function watched() {
  const stage = new Stage()
  const pod = stage.cluster.pods.run('a')
  const watch = recorded<PodObject>(listener => stage.api.watchPod('a', listener))
  await stage.clock.advance(10)
  const { lines, objects } = watch
  expect(lines.splice(0)).toEqual(['opened', 'ADDED a'])
  objects.splice(0)
  return { ...stage, stage, pod, pods: stage.cluster.pods, lines, objects, pass: () => stage.clock.advance(10) }
}

describe('a pod of the simulated server', () => {
  it('runs and is ready, and is read', async () => {
    const { stage, pod, api } = await watched()
    expect(await stage.answer(api.readPod('a'))).toEqual(pod)
    expect(await stage.answer(api.readPod('b'))).toBeUndefined()
    expect(pod).toMatchObject({
      metadata: { name: 'a', namespace: 'default', uid: expect.any(String) },
      spec: { containers: [{ name: 'main' }] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }, {}] },
    })
    expect(statusOf(pod)).toMatchObject({ name: 'main', restartCount: 0, state: { running: {} }, ready: true })
    expect(statusOf(pod)?.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/)
  })

  it('says that its container has terminated', async () => {
    const { pod, pods, lines, objects, pass } = await watched()
    pods.terminated('a', { exitCode: 1, reason: 'OOMKilled' })
    await pass()
    expect(lines).toEqual(['MODIFIED a'])
    const { containerID } = statusOf(pod) ?? {}
    const terminated = { containerID, exitCode: 1, reason: 'OOMKilled', finishedAt: expect.stringMatching(/^2026.*Z$/) }
    expect(statusOf(objects[0])).toMatchObject({ containerID, restartCount: 0, state: { terminated } })
    expect(statusOf(objects[0])?.state?.running).toBeUndefined()
  })

  it('says in lastState that another container runs in its place', async () => {
    const { pod, pods, objects, pass } = await watched()
    pods.terminated('a', { as: 'lastState', reason: 'ContainerStatusUnknown', finishedAt: null })
    await pass()
    const status = statusOf(objects[0])
    const { containerID } = statusOf(pod) ?? {}
    expect(status?.lastState?.terminated).toMatchObject({ containerID, exitCode: 137, finishedAt: null })
    expect(status).toMatchObject({ restartCount: 1, state: { running: {} } })
    expect(status?.containerID).not.toBe(containerID)
  })

  it('that is deleted stays with a deletionTimestamp until kubelet says that it is gone', async () => {
    const { pods, lines, objects, pass } = await watched()
    pods.delete('a')
    await pass()
    expect(objects[0]?.metadata.deletionTimestamp).toMatch(/Z$/)
    expect(pods.get('a')).toEqual(objects[0])
    pods.removed('a')
    await pass()
    expect(lines).toEqual(['MODIFIED a', 'DELETED a'])
    expect(pods.get('a')).toBeUndefined()
  })

  it('that is force-deleted says MODIFIED and DELETED, both with a running container', async () => {
    const { pods, lines, objects, pass } = await watched()
    pods.forceDelete('a')
    await pass()
    expect(lines).toEqual(['MODIFIED a', 'DELETED a'])
    for (const pod of objects) {
      expect(pod).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0 }, status: { phase: 'Running' } })
      expect(statusOf(pod)?.state?.running).toBeDefined()
    }
  })

  it('may be Failed, and not ready, while its container runs', async () => {
    const { pods, objects, pass } = await watched()
    pods.setPhase('a', 'Failed')
    pods.setReady('a', false)
    await pass()
    expect(objects.map(pod => pod.status?.phase)).toEqual(['Failed', 'Failed'])
    expect(objects[1]).toMatchObject({ status: { conditions: [{ type: 'Ready', status: 'False' }, {}] } })
    expect(statusOf(objects[1])).toMatchObject({ ready: false, state: { running: {} } })
  })

  it('that is made again has another uid and another container', async () => {
    const { pod, pods, lines, objects, pass } = await watched()
    pods.run('a')
    await pass()
    expect(lines).toEqual(['DELETED a', 'ADDED a', 'MODIFIED a'])
    expect(objects[0]?.metadata.uid).toBe(pod.metadata.uid)
    expect(objects[1]?.metadata.uid).not.toBe(pod.metadata.uid)
    expect(statusOf(objects[1])?.containerID).not.toBe(statusOf(pod)?.containerID)
  })

  it('is put and patched to say anything', async () => {
    const { pods, lines, pass } = await watched()
    pods.run('other', {
      container: 'side',
      containerID: 'x',
      labels: { app: 'y' },
      restartCount: 3,
      spec: { hostPID: true },
    })
    expect(pods.get('other')).toMatchObject({ metadata: { labels: { app: 'y' } }, spec: { hostPID: true } })
    expect(statusOf(pods.get('other'))).toMatchObject({ name: 'side', containerID: 'x', restartCount: 3 })
    pods.patch('a', ({ status: _, ...pod }) => pod)
    pods.put({ metadata: { name: 'a' }, status: { phase: 'Unknown' } })
    await pass()
    expect(lines).toEqual(['MODIFIED a', 'MODIFIED a'])
    expect(pods.get('a')?.status).toEqual({ phase: 'Unknown' })
    expect(() => pods.patch('nobody', pod => pod)).toThrow('there is no pod nobody')
  })
})
