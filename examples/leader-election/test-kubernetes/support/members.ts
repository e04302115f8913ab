import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '@dromedary/core'
import {
  Kubelet,
  type KubernetesCluster,
  type KubernetesObject,
  type Pod,
  type PolicyRule,
} from '@dromedary/test-servers/kubernetes'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { eventually } from '@dromedary/testing'
import { type Line, MemberGroup, type MemberProcess, type WaitForLine } from '@dromedary/testing/harness'
import type { TestContext } from 'vitest'
import { MAIN, set, temporaryFolder } from '../../test/members.ts'
import { ELECTED, type Elected, electedIn } from './elected.ts'
import { deployment, role, roleBinding, serviceAccount, type Variable } from './manifests.ts'
import { applyRules } from './rights.ts'

/** Enough for a process that starts together with many others. */
const START_MS = 40_000
export const LEASE = 'dromedary-camel-master'
export const FIRED = 'Clustered route (timer)'

/** Pods have an address each; these processes share one. */
const ONE_HOST = { OBSERVE_HOST: '127.0.0.1', OBSERVE_PORT: '0' }

/** Settings of the cluster service, as `--set` takes them. */
export const kubernetes = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).map(([key, value]) => `cluster.kubernetes.${key}=${value}`)

/** A process of the example and the pod that it stands for, with the container that kubelet knows. */
export class Member {
  readonly process: MemberProcess
  readonly pod: Pod
  readonly containerID: string
  readonly #kubelet: Kubelet

  constructor(process: MemberProcess, pod: Pod, containerID: string, kubelet: Kubelet) {
    this.process = process
    this.pod = pod
    this.containerID = containerID
    this.#kubelet = kubelet
  }

  get elections(): Elected[] {
    return this.process.lines.all.map(electedIn).filter(elected => elected !== undefined)
  }

  sees(pattern: RegExp | string, options: WaitForLine = {}): Promise<Line> {
    return this.process.waitForLine(pattern, { within: START_MS, ...options })
  }

  /** The first of its elections. */
  async elected(): Promise<Elected> {
    const elected = electedIn(await this.sees(ELECTED))
    if (!elected) throw new Error('not reached: the line has matched')
    return elected
  }

  /** SIGKILL, and what kubelet says thereupon; returns when it has said so, by the host's monotonic clock. */
  async crash(): Promise<number> {
    this.process.kill()
    await this.process.exited
    await this.#kubelet.terminated(this.pod, {
      containerID: this.containerID,
      finishedAt: new Date(),
      exitCode: 137,
    })
    return systemClock.monotonic()
  }
}

/** A fresh namespace with the service account of the example, where pods of its Deployment are made by hand. */
export async function exampleNamespace(test: Pick<TestContext, 'onTestFinished'>, rules?: readonly PolicyRule[]) {
  const cluster = sharedKubernetes()
  const namespace = await cluster.namespace('example')
  const name = serviceAccount.metadata.name ?? ''
  const user = `system:serviceaccount:${namespace}:${name}`
  await cluster.apply([serviceAccount, roleBinding], namespace)
  await applyRules(cluster, namespace, rules ?? role.rules)
  const kubelet = new Kubelet(cluster)
  const folder = temporaryFolder(test)
  const group = new MemberGroup({ script: MAIN, env: { HOSTNAME: undefined } })
  test.onTestFinished(() => group[Symbol.asyncDispose]())
  const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
  return {
    cluster,
    namespace,
    user,
    kubelet,
    leasePath,
    /** A pod of the Deployment, and the process in its container, with the environment that a kubelet would give it. */
    async start(podName: string, ...settings: string[]): Promise<Member> {
      const { metadata, spec } = deployment.spec.template
      const pod = await kubelet.create({ metadata: { ...metadata, name: podName, namespace }, spec })
      const containerID = `containerd://${randomBytes(32).toString('hex')}`
      await kubelet.running(pod, { containerID, startedAt: new Date() })
      const token = await tokenOf(cluster, pod)
      const KUBECONFIG = cluster.kubeconfigFile(join(folder, podName), { token, namespace })
      const env = { ...environmentOf(spec.containers[0]?.env ?? [], pod), ...ONE_HOST, KUBECONFIG }
      const process = await group.spawn({ args: set(...settings), env, name: podName })
      return new Member(process, pod, containerID, kubelet)
    },
    lease: (): Promise<KubernetesObject> => cluster.request('GET', `${leasePath}/${LEASE}`),
    /** A process writes its container id into the Lease once it is ten seconds old. */
    async containerIsKnown({ containerID }: Member): Promise<void> {
      const known = async () => (await this.lease()).metadata.annotations?.['dromedary/container-id'] === containerID
      await eventually(known, { within: 30_000, every: 200 })
    },
  }
}

export type ExampleNamespace = Awaited<ReturnType<typeof exampleNamespace>>

/** What a kubelet mounts into the pod: a token of its service account that holds as long as the pod is there. */
async function tokenOf(cluster: KubernetesCluster, { metadata: { name, namespace, uid } }: Pod): Promise<string> {
  const account = serviceAccount.metadata.name
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid }
  const made = await cluster.request<{ status: { token: string } }>('POST', path, { spec: { boundObjectRef } })
  return made.status.token
}

function environmentOf(variables: readonly Variable[], pod: Pod): Record<string, string> {
  return Object.fromEntries(variables.map(({ name, value, valueFrom }) => [name, value ?? fieldOf(pod, valueFrom)]))
}

function fieldOf(pod: Pod, valueFrom: Variable['valueFrom']): string {
  const path = valueFrom?.fieldRef.fieldPath.split('.') ?? []
  const value = path.reduce<unknown>((object, key) => (object as Record<string, unknown> | undefined)?.[key], pod)
  if (typeof value !== 'string') throw new Error(`a pod has no ${path.join('.')}`)
  return value
}
