import type { ClusterService } from '@dromedary/core/cluster'

/** What a driver may be unable to do. */
export type ClusterClaim =
  /** {@link ClusterFixture.kill} */
  | 'kill'
  /** {@link ClusterFixture.pause} */
  | 'clock-jump'
  /** {@link ClusterFixture.stepWall} */
  | 'wall-step'
  /** {@link ClusterFixture.breakStore} and {@link ClusterFixture.healStore} */
  | 'store-faults'

export interface ClusterTimings {
  /** From the last renewal until no new work is taken, milliseconds. */
  readonly closeAfterMs: number
  /** From the last renewal until the hard end. */
  readonly hardEndAfterMs: number
  /** A killed or silent leader has a successor within this. */
  readonly takeoverMs: number
  /** A leader that released has a successor within this; also the first leader is there by then. */
  readonly handoverMs: number
  /** A member that resigned leads again by then, when nobody else does. */
  readonly standBackMs: number
}

/** One cluster of a driver, for one case. Members share a store that nobody else uses. */
export interface ClusterFixture {
  readonly timing: ClusterTimings
  /** A fresh member, not started. Two with the same id are two members. */
  member(options?: { readonly id?: string }): ClusterService
  /** Lets time pass: fake or real. */
  advance(ms: number): Promise<void>
  /** How far apart the suite looks, milliseconds. Default 10. */
  readonly stepMs?: number
  /** Abrupt death, as by SIGKILL. */
  kill?(member: ClusterService): void | Promise<void>
  /** Both clocks of all members jump; no timer runs before this returns. */
  pause?(ms: number): void
  /** Steps the wall clock of one member. */
  stepWall?(member: ClusterService, ms: number): void
  /** From here on each request of any member to the store fails. */
  breakStore?(): void | Promise<void>
  healStore?(): void | Promise<void>
  /** Stops all members, and frees everything. */
  dispose(): Promise<void>
}
