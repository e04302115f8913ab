import type { Clock } from '@dromedary/core'
import type { ContainerStatus, PodObject } from '../../src/objects.ts'
import type { ObjectStore } from './object-store.ts'

export interface RunOptions {
  /** Of its one container. Default `main`. */
  readonly container?: string
  /** Default: a fresh one. */
  readonly containerID?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly restartCount?: number
  readonly spec?: PodObject['spec']
}

export interface TerminatedOptions {
  /** Default: the first. */
  readonly container?: string
  /** `lastState`: it runs again already, as another container. Default `state`. */
  readonly as?: 'state' | 'lastState'
  readonly exitCode?: number
  readonly reason?: string
  /** Default: now. Null as a made-up `ContainerStatusUnknown` has it. */
  readonly finishedAt?: string | null
}

/** The pods of the namespace, as kubelet, PodGC and people with kubectl change them. All of it happens at once. */
export class Kubelet {
  readonly #pods: ObjectStore<PodObject>
  readonly #clock: Clock
  readonly #namespace: string
  #containers = 0

  constructor(pods: ObjectStore<PodObject>, clock: Clock, namespace: string) {
    this.#pods = pods
    this.#clock = clock
    this.#namespace = namespace
  }

  get(name: string): PodObject | undefined {
    return this.#pods.get(name)
  }

  /** A ready pod with a running container. One of that name that there is goes first, so that the uid is another. */
  run(name: string, options: RunOptions = {}): PodObject {
    const { container = 'main', containerID = this.containerID(), labels = {}, restartCount = 0 } = options
    this.#pods.remove(name)
    const running = { running: { startedAt: this.#now() } }
    const pod = this.#pods.put({
      metadata: { name, namespace: this.#namespace, labels, creationTimestamp: this.#now() },
      spec: { containers: [{ name: container }], ...options.spec },
      status: {
        phase: 'Running',
        containerStatuses: [{ name: container, containerID, restartCount, state: running, lastState: {} }],
      },
    })
    return this.setReady(pod.metadata.name, true)
  }

  /** The container is dead, and kubelet knows. */
  terminated(name: string, options: TerminatedOptions = {}): PodObject {
    const { as = 'state', exitCode = 137, reason = 'Error', finishedAt = this.#now() } = options
    return this.#container(name, options.container, status => {
      const ended = { terminated: { containerID: status.containerID ?? '', exitCode, reason, finishedAt } }
      if (as === 'state') return { ...status, state: ended }
      return {
        ...status,
        containerID: this.containerID(),
        restartCount: (status.restartCount ?? 0) + 1,
        state: { running: { startedAt: this.#now() } },
        lastState: ended,
      }
    })
  }

  /** DELETE with a grace period: it stays, with a deletionTimestamp, until {@link removed}. */
  delete(name: string, graceSeconds = 30): PodObject {
    return this.#marked(name, graceSeconds)
  }

  /** `--force --grace-period=0`: MODIFIED, then DELETED, both with a running container; the process may go on. */
  forceDelete(name: string): void {
    this.#marked(name, 0)
    this.#pods.remove(name)
  }

  /** Kubelet says that nothing of it is left. */
  removed(name: string): void {
    this.#pods.remove(name)
  }

  /** PodGC sets `Failed` while the container may run. */
  setPhase(name: string, phase: string): PodObject {
    return this.patch(name, pod => ({ ...pod, status: { ...pod.status, phase } }))
  }

  setReady(name: string, ready: boolean): PodObject {
    const status = ready ? 'True' : 'False'
    const conditions = ['Ready', 'ContainersReady'].map(type => ({ type, status }))
    return this.patch(name, pod => {
      const containerStatuses = (pod.status?.containerStatuses ?? []).map(one => ({ ...one, ready }))
      return { ...pod, status: { ...pod.status, conditions, containerStatuses } }
    })
  }

  /** Throws where there is no pod of that name. */
  patch(name: string, change: (pod: PodObject) => PodObject): PodObject {
    const pod = this.#pods.get(name)
    if (!pod) throw new Error(`there is no pod ${name}`)
    return this.#pods.put(change(pod))
  }

  /** Whatever it says; the uid stays that of the pod that there is. */
  put(pod: PodObject): PodObject {
    return this.#pods.put(pod)
  }

  /** A fresh one. */
  containerID(): string {
    return `containerd://${(++this.#containers).toString(16).padStart(64, '0')}`
  }

  #marked(name: string, graceSeconds: number): PodObject {
    const deletion = { deletionTimestamp: this.#now(), deletionGracePeriodSeconds: graceSeconds }
    return this.patch(name, pod => ({ ...pod, metadata: { ...pod.metadata, ...deletion } }))
  }

  #container(name: string, container: string | undefined, change: (status: ContainerStatus) => ContainerStatus) {
    return this.patch(name, pod => {
      const statuses = pod.status?.containerStatuses ?? []
      const which = container ?? statuses[0]?.name
      const containerStatuses = statuses.map(one => (one.name === which ? change(one) : one))
      return { ...pod, status: { ...pod.status, containerStatuses } }
    })
  }

  /** Whole seconds, as metav1.Time has them. */
  #now(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`
  }
}
