import type { ContainerState, ContainerStatus, PodObject } from './objects.ts'
import type { Holder } from './record.ts'

/** Made up by kubelet, or by containerd after a restart, for a container that is not found: nobody saw it end. */
const UNSEEN = ['ContainerStatusUnknown', 'Unknown']

/**
 * Whether kubelet says that the container which the holder recorded has terminated: the only proof of death. The end must
 * lie after the start of the holder's process, for a container that has just started may have recorded the id of the one
 * before, read from a status that lagged behind.
 */
export function isProvenDead(holder: Holder, pod: PodObject): boolean {
  const { containerId, processStarted } = holder
  if (containerId === undefined || Number.isNaN(processStarted)) return false
  return statusesOf(pod)
    .flatMap(({ state, lastState }) => [state, lastState])
    .some(state => hasEnded(state, containerId, processStarted))
}

function hasEnded(state: ContainerState | undefined, containerId: string, processStarted: number): boolean {
  const end = state?.terminated
  if (end?.containerID !== containerId || UNSEEN.includes(end.reason ?? '') || !end.finishedAt) return false
  return Date.parse(end.finishedAt) > processStarted
}

/** Of all containers; a sidecar is an init container that goes on. */
export function statusesOf({ status }: PodObject): readonly ContainerStatus[] {
  return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
}
