import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kubelet, type KubernetesServer } from '@dromedary/test-servers/kubernetes'

/** A Kubernetes namespace with a pod, a user and a kubeconfig `member-<n>.yaml` for each member. */
export interface Site extends Disposable {
  readonly namespace: string
  /** Where the kubeconfigs are. */
  readonly folder: string
}

/** What a member may do, as the README of the service has it for several namespaces. */
const RULES = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update', 'watch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'watch'] },
]

export const memberName = (at: number): string => `member-${at}`

/** The environment in which an application finds its way as a member of the site. */
export const memberEnv = ({ folder }: Site, at: number): Record<string, string> => ({
  KUBECONFIG: join(folder, `${memberName(at)}.yaml`),
  CLUSTER_SERVICE: 'kubernetes',
  CLUSTER_KUBERNETES_POD_NAME: memberName(at),
})

export async function openSite(server: KubernetesServer, members: number): Promise<Site> {
  const namespace = await server.namespace('bench')
  const group = `system:serviceaccounts:${namespace}`
  const api = 'rbac.authorization.k8s.io'
  const metadata = { name: 'members', namespace }
  await server.apply([
    { apiVersion: `${api}/v1`, kind: 'Role', metadata, rules: RULES },
    {
      apiVersion: `${api}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: api, kind: 'Role', name: 'members' },
      subjects: [{ apiGroup: api, kind: 'Group', name: group }],
    },
  ])
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-bench-kubernetes-'))
  for (let at = 0; at < members; at++) {
    const name = memberName(at)
    const token = await podToken(server, namespace, name)
    server.kubeconfigFile(join(folder, `${name}.yaml`), { token, namespace })
  }
  return { namespace, folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Of a running pod, and bound to it, as kubelet fetches it: so that a member learns its container as it does in a cluster. */
async function podToken(server: KubernetesServer, namespace: string, name: string): Promise<string> {
  await server.serviceAccount(namespace, name)
  const kubelet = new Kubelet(server)
  const pod = await kubelet.create({ metadata: { name, namespace }, spec: { serviceAccountName: name } })
  const containerID = `containerd://${randomBytes(32).toString('hex')}`
  await kubelet.running(pod, { containerID, startedAt: new Date() })
  const { status } = await server.request<{ status: { token: string } }>(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    {
      spec: {
        expirationSeconds: 3_600,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid: pod.metadata.uid },
      },
    },
  )
  return status.token
}
