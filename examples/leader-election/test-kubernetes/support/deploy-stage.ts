import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type KubernetesObject, kubectlBinary } from '@dromedary/test-servers/kubernetes'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { eventually } from '@dromedary/testing'
import type { MemberProcess } from '@dromedary/testing/harness'
import type { TestContext } from 'vitest'
import { deploying } from '../../test/deploying.ts'
import { temporaryFolder } from '../../test/members.ts'

export const IMAGE = 'registry.example.com/leader-election:1'
const MERGE = { 'content-type': 'application/merge-patch+json' }

/** The collections that the manifests go into. */
const COLLECTIONS = {
  ServiceAccount: 'api/v1 serviceaccounts',
  Role: 'apis/rbac.authorization.k8s.io/v1 roles',
  RoleBinding: 'apis/rbac.authorization.k8s.io/v1 rolebindings',
  PodDisruptionBudget: 'apis/policy/v1 poddisruptionbudgets',
  Deployment: 'apis/apps/v1 deployments',
} as const

type Kind = keyof typeof COLLECTIONS

/** What Kubernetes makes its roles `edit` and `admin` of; here no controller does. */
const PARTS = {
  edit: ['system:aggregate-to-edit', 'system:aggregate-to-view'],
  admin: ['system:aggregate-to-admin', 'system:aggregate-to-edit', 'system:aggregate-to-view'],
} as const

/** A namespace of its own, and the command that deploys into it, with a real kubectl and these variables. */
export async function stage(test: TestContext, env: Readonly<Record<string, string>> = {}) {
  const cluster = sharedKubernetes()
  const namespace = await cluster.namespace('deploy')
  const folder = temporaryFolder(test)
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(await kubectlBinary(), join(bin, 'kubectl'))

  const pathOf = (kind: Kind) => {
    const [group, resource] = COLLECTIONS[kind].split(' ')
    return `/${group}/namespaces/${namespace}/${resource}/leader-election`
  }
  const get = (kind: Kind): Promise<KubernetesObject> => cluster.request('GET', pathOf(kind))
  /** Runs it with a kubeconfig of this text. */
  const deployWith = (kubeconfig: string, ...args: string[]): Promise<MemberProcess> => {
    const file = join(folder, `kubeconfig-${kubeconfig.length}`)
    writeFileSync(file, kubeconfig, { mode: 0o600 })
    return deploying(test, ['--image', IMAGE, ...args], { ...env, PATH: bin, KUBECONFIG: file, HOME: folder })
  }
  return {
    cluster,
    namespace,
    folder,
    get,
    deployWith,
    deploy: (...args: string[]) => deployWith(cluster.kubeconfig({ namespace }), ...args),

    /** kubectl itself, in this namespace; what it printed. */
    async kubectl(...args: string[]): Promise<string> {
      const KUBECONFIG = cluster.kubeconfigFile(join(folder, 'kubeconfig'), { namespace })
      const { stdout } = await promisify(execFile)(join(bin, 'kubectl'), args, { env: { KUBECONFIG, HOME: folder } })
      return stdout
    },

    /** A kubeconfig of somebody who has this role in the namespace. */
    async kubeconfigOf(role: keyof typeof PARTS): Promise<string> {
      const account = await cluster.serviceAccount(namespace, role)
      const bindings = PARTS[role].map(name => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name: role, namespace }],
      }))
      await cluster.apply(bindings, namespace)
      const { token } = await cluster.token(account)
      return cluster.kubeconfig({ namespace, token })
    },

    /** Another program that the command finds. */
    install(name: string, script: string): void {
      writeFileSync(join(bin, name), script)
      chmodSync(join(bin, name), 0o755)
    },

    /** As {@link install}, of one that the machine has. */
    link: (name: string, file: string) => symlinkSync(file, join(bin, name)),

    /** Writes what the Deployment's controller would: there is none on this server. */
    async controller(status: object): Promise<void> {
      const { metadata } = await eventually(() => get('Deployment'), { within: 60_000, every: 100 })
      const observed = { observedGeneration: (metadata as { generation?: number }).generation, ...status }
      await cluster.request('PATCH', `${pathOf('Deployment')}/status`, { status: observed }, MERGE)
    },

    /** The ReplicaSet of this revision, as the Deployment's controller makes it. */
    async replicaSet(revision: number): Promise<void> {
      const { metadata, spec } = (await get('Deployment')) as KubernetesObject & {
        readonly metadata: { readonly uid: string }
        readonly spec: { readonly template: { readonly metadata: { readonly labels: Record<string, string> } } }
      }
      const name = `leader-election-${revision}`
      const annotations = { 'deployment.kubernetes.io/revision': String(revision) }
      const hash = { 'pod-template-hash': String(revision) }
      const { template } = spec
      const labels = { ...template.metadata.labels, ...hash }
      const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'leader-election', uid: metadata.uid }
      await cluster.request('POST', `/apis/apps/v1/namespaces/${namespace}/replicasets`, {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name, labels, annotations, ownerReferences: [{ ...owner, controller: true }] },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: { ...template, metadata: { ...template.metadata, labels } },
        },
      })
      await cluster.request('PATCH', pathOf('Deployment'), { metadata: { annotations } }, MERGE)
    },

    /** As `kubectl scale` does, by somebody called `hand`. */
    async scale(replicas: number): Promise<void> {
      await cluster.request('PATCH', `${pathOf('Deployment')}/scale?fieldManager=hand`, { spec: { replicas } }, MERGE)
    },

    /** What of the manifests the server has stored. */
    async stored(): Promise<Kind[]> {
      const kinds = Object.keys(COLLECTIONS) as Kind[]
      const found = await Promise.allSettled(kinds.map(get))
      for (const one of found) if (one.status === 'rejected' && one.reason.code !== 404) throw one.reason
      return kinds.filter((_, i) => found[i]?.status === 'fulfilled')
    },
  }
}

/** The status of a Deployment with so many new pods, all of them ready. */
export const ready = (replicas: number) => ({
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
})
