import { expect, it } from 'vitest'
import type { PodObject } from '../../src/objects.ts'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete } from '../support/wrapped.ts'

/** One container, and another one of a kind that `spec.containers` does not show. */
const others: [string, (pod: PodObject, id: string, startedAt: string) => PodObject][] = [
  [
    'a sidecar (an init container that goes on)',
    (pod, containerID, startedAt) =>
      ({
        ...pod,
        spec: { ...pod.spec, initContainers: [{ name: 'sidecar', restartPolicy: 'Always' }] },
        status: {
          ...pod.status,
          initContainerStatuses: [{ name: 'sidecar', containerID, restartCount: 1, state: { running: { startedAt } } }],
        },
      }) as PodObject,
  ],
  [
    'an ephemeral container (kubectl debug)',
    (pod, containerID, startedAt) =>
      ({
        ...pod,
        spec: { ...pod.spec, ephemeralContainers: [{ name: 'debugger' }] },
        status: {
          ...pod.status,
          ephemeralContainerStatuses: [{ name: 'debugger', containerID, state: { running: { startedAt } } }],
        },
      }) as PodObject,
  ],
]

it.each(others)('the end of the main container proves nothing of a process in %s', async (_, add) => {
  const fx = kubernetesFixture()
  const b = fx.member()
  // The pod of a runs; its other container was restarted, or added, a minute later.
  const a = fx.member({ startedAt: fx.clock.now() + 60_500 })
  await fx.advance(60_000)
  const startedAt = `${new Date(fx.clock.now()).toISOString().slice(0, 19)}Z`
  fx.cluster.pods.patch('pod-2', pod => add(pod, fx.cluster.pods.containerID(), startedAt))
  await fx.advance(500)
  await a.start()
  const as = compete(a)
  await fx.advance(1_000)
  await b.start()
  const bs = compete(b)
  await fx.advance(60_000)
  expect(as.at(-1)?.isValid()).toBe(true)
  // The main container alone crashes, while a's line to the server is bad for a moment.
  fx.apiOf(a).faults.silentWatches = true
  await fx.advance(100)
  fx.cluster.pods.terminated('pod-2', { container: 'main' })
  await fx.advance(500)
  expect([as, bs].filter(all => all.some(l => l.isValid())).length).toBe(1)
})
