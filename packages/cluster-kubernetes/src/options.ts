import type { Clock, LogSink } from '@dromedary/core'
import type { LeaseEvent } from '@dromedary/core/cluster'
import { decimal, duration, oneOf, text } from '@dromedary/core/component'
import { z } from 'zod'
import type { KubernetesApi } from './api.ts'

/** The longest lease that is allowed; what a record says beyond it is taken for garbage. Milliseconds. */
export const LONGEST_LEASE_MS = 3_600_000

/** The options of `cluster.kubernetes.*`; durations as `15s`, or in milliseconds. Names and defaults are Camel's and client-go's. */
export const kubernetesClusterOptions = z.object({
  id: text().optional().describe('A name for people. Default: a fresh UUID. Two members may have the same one.'),
  resourceName: text()
    .default('dromedary')
    .describe(
      'What the names of the Leases begin with: `<resource-name>-<cluster namespace>`. Camel says `leaders`; a Lease of Camel is refused, for Camel takes it from any holder that is not a Ready pod. The same on all members.',
    ),
  namespace: text()
    .optional()
    .describe('The Kubernetes namespace of the Leases. Default: that of the service account, or of the kubeconfig.'),
  podName: text()
    .optional()
    .describe('The pod that this process runs in; set it from `metadata.name`. Default: HOSTNAME, else the host name.'),
  podUid: text()
    .optional()
    .describe(
      'The uid of that pod, from `metadata.uid`. Default: asked of the API server, which knows the pod that a service account token is bound to.',
    ),
  containerName: text()
    .optional()
    .describe(
      'The container of the pod that this process runs in, so that its end can be told from its status. Default: the only one of the pod; with several and no name there is no takeover before expiry.',
    ),
  leaseDuration: duration({ min: 1000 })
    .default(15_000)
    .describe(
      'After this long without a renewal a leader is replaced. Whole seconds, at most 1 h. The same on all members.',
    ),
  renewDeadline: duration({ min: 1 })
    .default(10_000)
    .describe(
      'After this long without an acknowledged renewal the leader takes no new work; what is under way has until lease-duration less 1 % and 0.35 s, which must be 0.5 s at least.',
    ),
  retryPeriod: duration({ min: 50 })
    .default(2_000)
    .describe('How often the leader renews, and how often a member tries again.'),
  jitterFactor: decimal({ min: 1 })
    .default(1.2)
    .describe('A follower waits between once and this many times the retry period. renew-deadline must be longer.'),
  connectionTimeout: duration({ min: 50 })
    .optional()
    .describe('How long a request may take. Shorter than renew-deadline; default a third of it.'),
  earlyTakeover: oneOf(['kubelet-status', 'never'])
    .default('kubelet-status')
    .describe(
      'Whether a leader is replaced before its lease expires when kubelet reports that its container has terminated. Nothing else counts: not the deletion of its pod, not its phase, not readiness.',
    ),
  kubeconfig: text()
    .optional()
    .describe('Path of a kubeconfig file. Default: KUBECONFIG, `~/.kube/config`, else the service account of the pod.'),
})

/** Settings of the Kubernetes cluster service, as read by {@link kubernetesClusterOptions}. */
export type KubernetesClusterSettings = z.output<typeof kubernetesClusterOptions>

/** What {@link createKubernetesClusterService} takes: the options, and what stands in for the world. */
export type KubernetesClusterOptions = z.input<typeof kubernetesClusterOptions> & {
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Where its log lines go, category `cluster`. Default: nowhere. */
  readonly log?: LogSink
  /** For jitter; 0 to 1. Default: Math.random. */
  readonly random?: () => number
  /** When this process started, by the wall clock; milliseconds. Default: asked of the machine. */
  readonly startedAt?: number
  /** Where HOSTNAME is looked for. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Told of each grant and each new hard end before `isValid` may answer by it; for test harnesses. */
  readonly onLease?: (event: LeaseEvent) => void
  /** Makes the calls to the API server. Rejects with `DROMEDARY_CLUSTER_CONFIG`. Default: by `@kubernetes/client-node`. */
  readonly connect?: () => Promise<KubernetesApi>
}
