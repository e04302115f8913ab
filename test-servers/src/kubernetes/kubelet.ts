import type { KubernetesCluster } from './cluster.ts'
import { type KubernetesObject, type ObjectMeta, wholeSeconds } from './objects.ts'
import { type ContainerStatus, type Pod, type PodStatus, withContainer, withReady } from './pod-status.ts'

/** Which pod is meant; an object with its metadata does. */
export type PodName = Pick<KubernetesObject, 'metadata'>

/** A pod to make. Without `spec` it has one container, `main`. */
export interface NewPod {
  readonly metadata: ObjectMeta & { readonly namespace: string }
  readonly spec?: Readonly<Record<string, unknown>>
}

interface OfContainer {
  readonly containerID: string
  /** Default: the pod's first. */
  readonly container?: string
}

/** A container runs. */
export interface Running extends OfContainer {
  readonly startedAt: Date | string
}

/** A container has ended. */
export interface Ended extends OfContainer {
  readonly finishedAt: Date | string
  /** Default `Completed` with exit code 0, else `Error`. */
  readonly reason?: string
  readonly exitCode: number
  /** The ID of the container that runs in its place already, since `finishedAt`. Default: none does. */
  readonly restarted?: string
}

/**
 * Does by hand to pods what a kubelet would do, on a server without one; a real cluster's would object.
 * Times are written in whole seconds, as kubelets write them.
 */
export class Kubelet {
  readonly node: string
  readonly #cluster: KubernetesCluster

  constructor(cluster: KubernetesCluster, node = 'node-1') {
    this.#cluster = cluster
    this.node = node
  }

  /** A pod on this node: without a node DELETE would remove it at once. */
  create({ metadata, spec }: NewPod): Promise<Pod> {
    const containers = [{ name: 'main', image: 'test' }]
    const pod = { metadata, spec: { containers, ...spec, nodeName: this.node } }
    return this.#cluster.request('POST', `/api/v1/namespaces/${metadata.namespace}/pods`, pod)
  }

  get(pod: PodName): Promise<Pod> {
    return this.#cluster.request('GET', pathOf(pod))
  }

  /** A container runs, and the pod with it; it is ready if all of its containers are. */
  running(pod: PodName, { containerID, startedAt, container }: Running): Promise<Pod> {
    return this.#container(pod, container, startedAt, () => ({
      containerID,
      ready: true,
      started: true,
      state: { running: { startedAt: wholeSeconds(startedAt) } },
    }))
  }

  /** A container has ended. The pod's phase stays what it was: see {@link phase}. */
  terminated(pod: PodName, ended: Ended): Promise<Pod> {
    const { containerID, restarted, container } = ended
    return this.#container(pod, container, ended.finishedAt, before => {
      const finishedAt = wholeSeconds(ended.finishedAt)
      const { exitCode, reason = exitCode === 0 ? 'Completed' : 'Error' } = ended
      const startedAt = before.state?.running?.startedAt ?? finishedAt
      const state = { terminated: { containerID, startedAt, finishedAt, reason, exitCode } }
      if (restarted === undefined) return { containerID, ready: false, started: false, state }
      return {
        containerID: restarted,
        ready: true,
        started: true,
        restartCount: before.restartCount + 1,
        lastState: state,
        state: { running: { startedAt: finishedAt } },
      }
    })
  }

  /** As a readiness probe of the first container would have it. */
  async ready(pod: PodName, ready: boolean, at: Date | string = new Date()): Promise<Pod> {
    return this.#container(pod, undefined, at, () => ({ ready }))
  }

  /** Pending, Running, Succeeded, Failed or Unknown, with nothing else changed. */
  phase(pod: PodName, phase: string, reason?: string): Promise<Pod> {
    return this.#patch(pod, reason === undefined ? { phase } : { phase, reason })
  }

  /** Its node was short of something: it has failed, and its containers are gone. The object stays. */
  async evict(pod: PodName, at: Date | string = new Date()): Promise<Pod> {
    for (const { name, containerID, state } of (await this.get(pod)).status?.containerStatuses ?? []) {
      if (!state?.running || containerID === undefined) continue
      await this.terminated(pod, { container: name, containerID, finishedAt: at, exitCode: 137 })
    }
    return this.#patch(pod, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' })
  }

  /**
   * As `kubectl delete` does: it stays with a `deletionTimestamp` until it is deleted with `force`, which is what a
   * kubelet does once the containers have ended.
   */
  async deletePod(pod: PodName, { force = false } = {}): Promise<void> {
    await this.#cluster.request('DELETE', `${pathOf(pod)}${force ? '?gracePeriodSeconds=0' : ''}`)
  }

  async #container(
    name: PodName,
    container: string | undefined,
    at: Date | string,
    change: (before: ContainerStatus) => Partial<ContainerStatus>,
  ): Promise<Pod> {
    const pod = await this.get(name)
    const containerStatuses = withContainer(pod, container ?? pod.spec.containers[0]?.name ?? '', change)
    const ready = containerStatuses.every(one => one.ready)
    const { phase = 'Pending' } = pod.status ?? {}
    return this.#patch(name, {
      phase: phase === 'Pending' ? 'Running' : phase,
      conditions: withReady(pod, ready, at),
      containerStatuses,
    })
  }

  #patch(pod: PodName, status: PodStatus): Promise<Pod> {
    return this.#cluster.request('PATCH', `${pathOf(pod)}/status`, { status })
  }
}

const pathOf = ({ metadata }: PodName) => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`
