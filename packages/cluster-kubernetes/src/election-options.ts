import type { Clock, Logger } from '@dromedary/core'
import type { ClusterMember, LeaseEvent, LeaseTiming } from '@dromedary/core/cluster'
import type { KubernetesApi } from './api.ts'
import type { LeaseFeed } from './lease-feed.ts'
import type { OwnContainer } from './own-container.ts'
import type { PodFeed } from './pod-feed.ts'

/** What one member's election in one namespace works with. */
export interface ElectionOptions {
  readonly namespace: string
  readonly leaseName: string
  readonly resourceName: string
  readonly api: KubernetesApi
  readonly leases: LeaseFeed
  /** Undefined where nothing but expiry counts. */
  readonly pods: PodFeed | undefined
  readonly container: OwnContainer
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly self: ClusterMember
  readonly pod: string
  readonly startedAt: number
  readonly timing: LeaseTiming
  readonly retryMs: number
  readonly jitterFactor: number
  readonly onLease?: (event: LeaseEvent) => void
}
