import type { Clock, Logger } from '@dromedary/core'
import type { ClusterMember, LeaseEvent, LeaseTiming } from '@dromedary/core/cluster'
import type { Layout } from './layout.ts'
import type { LockFs } from './lock-fs.ts'
import type { LockLibrary } from './tenure.ts'

/** What one member's election in one namespace works with. */
export interface ElectionOptions {
  readonly namespace: string
  readonly fs: LockFs
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly layout: Layout
  readonly library: LockLibrary
  readonly self: ClusterMember
  readonly host: string
  readonly timing: LeaseTiming
  readonly updateMs: number
  readonly staleMs: number
  readonly delayMs: number
  readonly intervalMs: number
  readonly onLease?: (event: LeaseEvent) => void
  /** The folders were made anew: whoever watches them must begin again. */
  readonly foldersMade: () => void
}
