import { createKubernetesClusterService } from '@dromedary/cluster-kubernetes'
import { consoleSink } from '@dromedary/core'
import type { ServiceFactory } from '../member/contract.ts'
import type { KubernetesSettings } from './settings.ts'

/** The Kubernetes service with its clock and announcements in the hands of the harness. */
export const createService: ServiceFactory = (settings, hooks) => {
  const { kubeconfig, namespace, podName, podUid, leaseDuration, renewDeadline, retryPeriod } =
    settings as unknown as KubernetesSettings
  return createKubernetesClusterService({
    kubeconfig,
    namespace,
    podName,
    ...(podUid !== undefined && { podUid }),
    leaseDuration,
    renewDeadline,
    retryPeriod,
    id: hooks.id,
    clock: hooks.clock,
    log: consoleSink,
    onLease: ({ type, namespace, term, hardEndMonotonicMs }) => {
      if (type === 'granted' || type === 'extended') hooks.onLease({ namespace, term, end: hardEndMonotonicMs })
    },
  })
}
