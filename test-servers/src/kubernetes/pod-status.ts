import { type KubernetesObject, wholeSeconds } from './objects.ts'

/** A pod, as far as its kubelet writes it. */
export interface Pod extends KubernetesObject {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] }
  readonly status?: PodStatus
}

/** What a kubelet says of a pod. */
export interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly conditions?: readonly PodCondition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly [field: string]: unknown
}

/** One of Ready, ContainersReady and others. */
export interface PodCondition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string
  readonly [field: string]: unknown
}

/** What a kubelet says of one container. */
export interface ContainerStatus {
  readonly name: string
  readonly containerID?: string
  readonly ready: boolean
  readonly restartCount: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
  readonly [field: string]: unknown
}

/** One of the three. */
export interface ContainerState {
  readonly waiting?: { readonly reason: string }
  readonly running?: { readonly startedAt: string }
  readonly terminated?: Terminated
}

/** How a container ended. */
export interface Terminated {
  readonly containerID: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly reason: string
  readonly exitCode: number
}

/** The pod's containers with one of them changed; those that nobody has spoken of yet are waiting. */
export function withContainer(
  { spec, status }: Pod,
  name: string,
  change: (before: ContainerStatus) => Partial<ContainerStatus>,
): ContainerStatus[] {
  return spec.containers.map(container => {
    const before = status?.containerStatuses?.find(one => one.name === container.name) ?? {
      name: container.name,
      image: container.image,
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: 'ContainerCreating' } },
    }
    return container.name === name ? { ...before, ...change(before) } : before
  })
}

/** All conditions, with the two that say whether it is ready; each keeps its time as long as it stays what it was. */
export function withReady({ status }: Pod, ready: boolean, at: Date | string): PodCondition[] {
  const wanted = { PodScheduled: true, Initialized: true, ContainersReady: ready, Ready: ready }
  return Object.entries(wanted).map(([type, holds]) => {
    const before = status?.conditions?.find(one => one.type === type)
    const now = holds ? 'True' : 'False'
    if (before?.status === now) return before
    const reason = holds ? {} : { reason: 'ContainersNotReady' }
    return { type, status: now, lastTransitionTime: wholeSeconds(at), ...reason }
  })
}
