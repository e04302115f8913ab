import { resolve } from 'node:path'
import type { Clock, LogSink } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import { type KubernetesClusterOptions, type KubernetesClusterSettings, kubernetesClusterOptions } from './options.ts'
import { createKubernetesClusterService } from './service.ts'

/** What an application gives besides the options. */
export interface KubernetesClusterGiven {
  readonly nodeId: string
  /** Absolute; what a relative path is relative to. */
  readonly folder: string
  readonly clock: Clock
  readonly log: LogSink
}

/**
 * The Kubernetes cluster service: as a function {@link createKubernetesClusterService}; as an object what `@dromedary/main`
 * needs to offer it as `cluster.service=kubernetes`, with the options of `cluster.kubernetes.*`.
 */
export const kubernetesCluster = Object.assign(
  (options: KubernetesClusterOptions = {}) => createKubernetesClusterService(options),
  {
    schema: kubernetesClusterOptions,
    /** Without an id it is `given.nodeId`; a relative path of a kubeconfig is resolved against `given.folder`. */
    create: (options: KubernetesClusterSettings, given: KubernetesClusterGiven): ClusterService => {
      const { id = given.nodeId, kubeconfig, ...rest } = options
      const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
      return createKubernetesClusterService({
        ...set,
        ...(kubeconfig !== undefined && { kubeconfig: resolve(given.folder, kubeconfig) }),
        id,
        clock: given.clock,
        log: given.log,
      })
    },
    describe: (options: KubernetesClusterSettings): string => `Leases ${options.resourceName}-…`,
  },
)
