import { type LeaseTiming, leaseTiming } from '@dromedary/core/cluster'

/** The durations of an election, milliseconds. */
export interface Timing {
  readonly leaseDuration: number
  readonly renewDeadline: number
  readonly retryPeriod: number
}

/** What a member of this suite is configured with. */
export interface KubernetesSettings extends Timing {
  readonly kubeconfig: string
  /** Of Kubernetes. */
  readonly namespace: string
  readonly podName: string
  /** For members whose token is bound to no pod. */
  readonly podUid?: string
}

/** What the service does by itself. */
export const DEFAULTS: Timing = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }

/** About the shortest that is allowed, for scenarios that wait for expiry again and again. */
export const SHORT: Timing = { leaseDuration: 3_000, renewDeadline: 2_000, retryPeriod: 500 }

/** When a lease of these settings closes and ends for its holder, from the moment its last renewal was sent. */
export const endsOf = ({ leaseDuration, renewDeadline }: Timing): LeaseTiming =>
  leaseTiming(leaseDuration, renewDeadline)

/** How long a scenario waits before it says that nobody came: above every bound. */
export const PATIENCE_MS = 45_000

/** From the last renewal of a leader that vanished to another, by followers whose watches live. */
export const expiryBound = ({ leaseDuration }: Timing): number => leaseDuration + 500

/** The same where nothing tells the followers anything, so that they find out by reading. */
export const blindBound = ({ leaseDuration, retryPeriod }: Timing): number => leaseDuration + 2.4 * retryPeriod + 1_000

/** From the moment at which nothing stands in the way any more, for members that may have to wait for a whole lease. */
export const recoveryBound = ({ leaseDuration, retryPeriod }: Timing): number => leaseDuration + 2 * retryPeriod
