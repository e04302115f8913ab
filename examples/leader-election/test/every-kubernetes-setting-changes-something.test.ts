import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '@dromedary/core'
import { eventually } from '@dromedary/testing'
import { describe, expect, it, type TestContext } from 'vitest'
import { kubeconfigFor, UNREACHABLE } from './kubeconfigs.ts'
import { example, set, temporaryFolder } from './members.ts'

/** An API server that is out of order, in one of two ways; and a kubeconfig for it. What was asked of it is kept. */
async function brokenServer(test: TestContext, way: 'answers 503' | 'never answers', namespace?: string) {
  const requests: { readonly path: string | undefined; readonly at: number }[] = []
  const server = createServer(({ url }, answer) => {
    requests.push({ path: url, at: systemClock.monotonic() })
    if (way === 'answers 503') answer.writeHead(503).end()
  }).listen(0, '127.0.0.1')
  test.onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const kubeconfig = join(temporaryFolder(test), 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace))
  return { requests, kubeconfig }
}

/** Many processes may be starting at the same time. */
const within = 40_000
const LEASES = '/apis/coordination.k8s.io/v1/namespaces'
const member = (test: TestContext, settings: string[], env: Record<string, string> = {}) =>
  example(test).run(set(...settings), { CLUSTER_SERVICE: 'kubernetes', ...env })

describe.concurrent('cluster.kubernetes', { timeout: 90_000 }, () => {
  it('kubeconfig: whom it asks, whatever KUBECONFIG says; namespace and resource-name: for which Lease', async test => {
    const { requests, kubeconfig } = await brokenServer(test, 'answers 503', 'of-the-file')
    const asked = (path: string) => eventually(() => requests.some(one => one.path === path), { within })
    const elsewhere = join(temporaryFolder(test), 'kubeconfig')
    writeFileSync(elsewhere, UNREACHABLE)
    await member(test, [`cluster.kubernetes.kubeconfig=${kubeconfig}`], { KUBECONFIG: elsewhere })
    await asked(`${LEASES}/of-the-file/leases/dromedary-camel-master`)
    const settings = [
      'cluster.kubernetes.namespace=mine',
      'cluster.kubernetes.resource-name=app',
      'node.namespace=feed',
    ]
    await member(test, settings, { KUBECONFIG: kubeconfig })
    await asked(`${LEASES}/mine/leases/app-feed`)
  })

  it('pod-name: which pod it says that it is; HOSTNAME by default', async test => {
    const { kubeconfig: KUBECONFIG } = await brokenServer(test, 'answers 503')
    const podOf = async (env: Record<string, string>) => {
      const { text } = await (await member(test, [], { KUBECONFIG, ...env })).waitForLine('this member is ', { within })
      return / pod (\S+);/.exec(text)?.[1]
    }
    const env = { HOSTNAME: 'host-1' }
    expect(await podOf(env)).toBe('host-1')
    expect(await podOf({ ...env, CLUSTER_KUBERNETES_POD_NAME: 'pod-1' })).toBe('pod-1')
  })

  it('connection-timeout: how long it waits for an answer', async test => {
    const { kubeconfig: KUBECONFIG } = await brokenServer(test, 'never answers')
    const one = await member(test, ['cluster.kubernetes.connection-timeout=300ms'], { KUBECONFIG })
    await one.waitForLine(/WARN .* Lease dromedary-camel-master .* no answer within 300 ms/, { within })
  })

  it('retry-period: how often it tries again', async test => {
    const triesIn3s = async (period: string): Promise<number> => {
      const { requests, kubeconfig: KUBECONFIG } = await brokenServer(test, 'answers 503')
      await member(test, [`cluster.kubernetes.retry-period=${period}`], { KUBECONFIG })
      const tries = () => requests.filter(({ path }) => path === `${LEASES}/default/leases/dromedary-camel-master`)
      await eventually(() => tries().length > 0, { within })
      const { at = 0 } = tries()[0] ?? {}
      await eventually(() => systemClock.monotonic() > at + 3_000)
      return tries().filter(one => one.at < at + 3_000).length
    }
    const [often, seldom] = await Promise.all([triesIn3s('100ms'), triesIn3s('1s')])
    expect(often).toBeGreaterThan(12)
    expect(seldom).toBeLessThan(10)
  })
})
