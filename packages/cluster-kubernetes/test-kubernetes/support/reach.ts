import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@dromedary/core'
import type { KubernetesCluster, PolicyRule, ServiceAccount } from '@dromedary/test-servers/kubernetes'
import { eventually } from '@dromedary/testing'
import { onTestFinished } from 'vitest'
import type { ApiFailure, KubernetesApi, WatchSelector } from '../../src/api.ts'
import { connectApi } from '../../src/client/connect.ts'
import type { LeaseObject } from '../../src/objects.ts'

type Kubeconfig = Parameters<KubernetesCluster['kubeconfig']>[0]

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'dromedary-kubernetes-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** The client on the real server; as the administrator unless told otherwise. Closed when the test is over. */
export function reach(cluster: KubernetesCluster, options: Kubeconfig, change = (text: string) => text): KubernetesApi {
  const kubeconfig = join(folder(), 'kubeconfig')
  writeFileSync(kubeconfig, change(cluster.kubeconfig(options)), { mode: 0o600 })
  const api = connectApi({ kubeconfig, connectionTimeout: 5_000, clock: systemClock })
  onTestFinished(() => api.close())
  return api
}

/** A service account with nothing but these rights, and a token of it. */
export async function account(
  cluster: KubernetesCluster,
  namespace: string,
  rules: readonly PolicyRule[] = [],
): Promise<{ readonly account: ServiceAccount; readonly token: string }> {
  const account = await cluster.serviceAccount(namespace, 'member')
  if (rules.length > 0) await cluster.grant(namespace, account.user, rules)
  return { account, token: (await cluster.token(account)).token }
}

/** A watch of Leases, and what it told: `opened`, `ADDED a`, `closed 403`. */
export function watched(api: KubernetesApi, selector: WatchSelector) {
  const told: string[] = []
  const failures: (ApiFailure | undefined)[] = []
  const watch = api.watchLeases(selector, {
    opened: () => void told.push('opened'),
    event: (type, { metadata }) => void (type !== 'BOOKMARK' && told.push(`${type} ${metadata.name}`)),
    closed(failure) {
      told.push(`closed ${failure?.status ?? failure?.reason ?? ''}`.trim())
      failures.push(failure)
    },
  })
  return {
    told,
    failures,
    watch,
    tells: (...lines: string[]) => eventually(() => lines.every(one => told.includes(one))),
  }
}

export const lease = (name: string, more: Partial<LeaseObject> = {}): LeaseObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  ...more,
  metadata: { name, ...more.metadata },
})
