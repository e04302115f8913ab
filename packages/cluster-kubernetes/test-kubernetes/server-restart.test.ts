import { join } from 'node:path'
import type { Leadership } from '@dromedary/core/cluster'
import { findServerSource, type KubernetesServer, startKubernetes } from '@dromedary/test-servers/kubernetes'
import { eventually } from '@dromedary/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createKubernetesClusterService } from '../src/index.ts'
import { folder, lease, reach, watched } from './support/reach.ts'

let server: KubernetesServer
beforeAll(async () => {
  server = await startKubernetes()
})
afterAll(() => server?.[Symbol.asyncDispose]())

async function member(namespace: string) {
  const kubeconfig = server.kubeconfigFile(join(folder(), 'kubeconfig'), { namespace })
  const service = createKubernetesClusterService({ kubeconfig, env: {}, earlyTakeover: 'never' })
  onTestFinished(() => service.stop({ drainMs: 0 }))
  const leaderships: Leadership[] = []
  await service.start()
  service.campaign('ns', { participant: 'route' }).leadership.subscribe(leadership => {
    if (!leadership) return
    leaderships.push(leadership)
    leadership.closing.addEventListener('abort', () => leadership.drained())
  })
  return { service, leaderships, leads: () => leaderships.at(-1)?.accepts() === true }
}

describe.skipIf(findServerSource().kind === 'none')('a server that restarts', () => {
  it('ends watches that are open; the same client asks and watches again', async () => {
    const namespace = await server.namespace('restart')
    const api = reach(server, { namespace })
    await api.createLease(lease('a'))
    const open = watched(api, { name: 'a' })
    await open.tells('ADDED a')
    await server.kill()
    await eventually(() => open.told.length === 3)
    expect(open.failures[0]?.status).toBeUndefined()
    await expect(api.readLease('a')).rejects.toMatchObject({ reason: expect.stringMatching(/^E/) })
    await server.start()
    expect(await api.readLease('a')).toBeDefined()
    await watched(api, { name: 'a' }).tells('opened', 'ADDED a')
  })

  it('leaves one leader, and its follower hears of a release at once when it is back', async () => {
    const namespace = await server.namespace('restart')
    const leader = await member(namespace)
    await eventually(leader.leads)
    const next = await member(namespace)
    const overlaps: number[] = []
    const look = setInterval(() => {
      const valid = [...leader.leaderships, ...next.leaderships].filter(one => one.isValid())
      if (valid.length > 1) overlaps.push(valid.length)
    }, 1)
    onTestFinished(() => clearInterval(look))
    const mark = server.auditMark()
    await server.restart()
    await eventually(() => leader.leads() || next.leads(), { within: 40_000 })
    const [one, other] = leader.leads() ? [leader, next] : [next, leader]
    const opened = { verb: 'watch', namespace, stage: 'ResponseStarted' } as const
    await eventually(() => server.audit(mark, opened).length >= 2, { within: 40_000 })
    const began = performance.now()
    await one.service.stop()
    await eventually(other.leads, { within: 1_000 })
    expect(performance.now() - began).toBeLessThan(1_500)
    expect(overlaps).toEqual([])
  })
})
