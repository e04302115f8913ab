/** For authors of cluster services and of components that lead: the contract, and what every cluster service is built of. */
export { Chronicle, LOSS_WORDS, type SeenLeader } from './cluster/chronicle.ts'
export type {
  Campaign,
  CampaignOptions,
  ClusterHealth,
  ClusterMember,
  ClusterRole,
  ClusterService,
  ClusterState,
  Leadership,
  LossReason,
} from './cluster/contract.ts'
export { HealthTracker, type HealthTrackerOptions } from './cluster/health-tracker.ts'
export {
  CLOCK_RATE_TOLERANCE,
  DEFAULT_DRAIN_MS,
  LEASE_MARGIN_MS,
  type LeaseTiming,
  leaseTiming,
  type Moment,
  momentOf,
  WALL_TOLERANCE_MS,
} from './cluster/lease-timing.ts'
export { GuardedObservable, guarded, guardedAbortController, type Report } from './cluster/listeners.ts'
export {
  type LeaseEvent,
  MemberLease,
  type MemberLeaseOptions,
  type SettledTerm,
} from './cluster/member-lease.ts'
export type { LeaseParticipation } from './cluster/participation.ts'
export { type Sighting, StandBack } from './cluster/stand-back.ts'
export { type ClusterStatePatch, ClusterStateSubject } from './cluster/state-subject.ts'
export { nextTerm } from './cluster/terms.ts'
export { VERSION } from './version.ts'
