import type { Clock, Logger } from '@dromedary/core'
import type { KubernetesApi } from './api.ts'
import { statusesOf } from './death.ts'
import type { PodObject } from './objects.ts'

export interface OwnContainerOptions {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly log: Logger
  readonly pod: string
  readonly container: string | undefined
  /** Undefined: asked of the server. */
  readonly podUid: string | undefined
  /** Start of this process by the wall clock, milliseconds. */
  readonly startedAt: number
}

/** Before this age of the process the status may still be that of the container before. */
const MIN_AGE_MS = 10_000
/** It is read a second time, and corrected: a status may lag for longer. */
const CONFIRM_AFTER_MS = 20_000
const RETRY_MS = 30_000
/** What only another configuration changes. */
const SETTLED_MS = 600_000
/** Kubelet's clock and ours are the same host's; a container starts before its process. */
const CLOCK_SLACK_MS = 1_000

/**
 * The id of the container that this process runs in, learned from the status of its pod, so that its end can be recognised
 * later. A container does not know it by itself, and in its first moments the status shows the one before.
 */
export class OwnContainer {
  readonly #options: OwnContainerOptions
  #id: string | undefined
  #nextRead = 0
  #reads = 0
  #told: string | undefined
  #podUid: string | undefined

  constructor(options: OwnContainerOptions) {
    this.#options = options
    this.#nextRead = options.clock.monotonic() + options.startedAt + MIN_AGE_MS - options.clock.now()
  }

  get id(): string | undefined {
    return this.#id
  }

  /** Reads the pod where that is due; true if the id has changed. Rejects when the server cannot be used. */
  async learn(): Promise<boolean> {
    const { api, clock, pod } = this.#options
    if (clock.monotonic() < this.#nextRead) return false
    this.#nextRead = clock.monotonic() + RETRY_MS
    this.#podUid ??= this.#options.podUid ?? (await api.ownPodUid())
    const found = this.#find(await api.readPod(pod))
    if (typeof found === 'string') {
      this.#tell(found)
      this.#nextRead = clock.monotonic() + SETTLED_MS
    }
    const id = typeof found === 'object' ? found.id : undefined
    if (id !== undefined) this.#nextRead = this.#reads++ === 0 ? clock.monotonic() + CONFIRM_AFTER_MS : Infinity
    if (id === this.#id) return false
    this.#id = id
    return true
  }

  /** The rights to read pods are missing: nothing will be found. */
  giveUp(why: string): void {
    this.#nextRead = this.#options.clock.monotonic() + RETRY_MS
    this.#tell(why)
  }

  /** A reason for people why there is none; nothing where it is only too early. */
  #find(pod: PodObject | undefined): { readonly id: string } | string | undefined {
    const { startedAt, container } = this.#options
    // Any other pod of that name, on another server or in another namespace, says nothing of this process.
    if (this.#podUid === undefined)
      return 'its credentials are bound to no pod: set cluster.kubernetes.pod-uid from metadata.uid'
    if (!pod) return `there is no pod ${this.#options.pod} in ${this.#options.api.namespace}`
    if (pod.metadata.uid !== this.#podUid) {
      return `the pod ${pod.metadata.name} in ${this.#options.api.namespace} is another one than that of this process`
    }
    if (pod.spec?.hostPID) return 'its pod has hostPID, so a process may outlive its container'
    if (pod.spec?.shareProcessNamespace)
      return 'its pod has shareProcessNamespace, so a process may outlive its container'
    const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {}
    const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')
    // This process may run in any of them.
    const names = [...containers, ...sidecars, ...ephemeralContainers].map(({ name }) => name)
    const name = container ?? (names.length === 1 ? names[0] : undefined)
    if (name === undefined) {
      return `its pod has the containers ${names.join(', ')}: name this one in cluster.kubernetes.container-name`
    }
    const status = statusesOf(pod).find(one => one.name === name)
    if (!status && !names.includes(name)) return `its pod has no container ${name}`
    const running = status?.state?.running
    if (!status?.containerID || !running?.startedAt) return undefined
    // Younger than this process: of a clock that disagrees, so that the end of another could be taken for ours.
    if (Date.parse(running.startedAt) > startedAt + CLOCK_SLACK_MS) return undefined
    return { id: status.containerID }
  }

  #tell(why: string): void {
    if (why === this.#told) return
    this.#told = why
    this.#options.log.info(`no takeover from this member before its lease expires: ${why}`)
  }
}
