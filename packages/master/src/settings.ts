import type { ClusterService } from '@dromedary/core/cluster'
import type { Endpoint } from '@dromedary/core/component'

/** Work that was still running when its leadership ended: it may overlap with the successor's. */
export interface Overrun {
  readonly routeId: string
  readonly namespace: string
  readonly term: bigint
  /** Exchanges that had not ended. */
  readonly inFlight: number
}

/** What `onStandby` is told. */
export interface Standby {
  readonly routeId: string
  readonly namespace: string
  /** Aborts when the route stops. */
  readonly signal: AbortSignal
}

export interface MasterSettings {
  readonly namespace: string
  readonly cluster: ClusterService
  readonly delegate: Endpoint
  readonly backOffDelay: number
  readonly backOffMaxAttempts: number
  readonly onOverrun: ((overrun: Overrun) => void) | undefined
  readonly onStandby: ((standby: Standby) => void | Promise<void>) | undefined
}
