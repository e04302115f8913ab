import type { Observable } from 'rxjs'
import type { DromedaryError } from '../errors.ts'
import type { ExchangeGuard } from '../exchange/exchange.ts'
import type { MadeByCore } from '../one-core.ts'

/**
 * Elects one leader per namespace among its members. Dromedary never guarantees more than: no two members' `isValid()`
 * return true at the same instant, given clock rates within 1 % and no pause hidden from both clocks. What was handed
 * to the kernel before, and what user code does after the check, is outside; only a sink that checks the term excludes it.
 */
export interface ClusterService extends MadeByCore {
  /** Which one it is: `file`, `kubernetes`, `memory`. */
  readonly id: string
  readonly self: ClusterMember
  /** Rejects for configuration errors only, with `DROMEDARY_CLUSTER_CONFIG`; an absent backend is a matter of health. */
  start(): Promise<void>
  /** Withdraws every campaign (draining first, at most `drainMs`), then frees everything. Idempotent. */
  stop(options?: { readonly drainMs?: number }): Promise<void>
  /** Never campaigns, never errors; replays the newest state; completes at stop. */
  observe(namespace: string): Observable<ClusterState>
  /**
   * Competes for the namespace until disposed. Several campaigns of one member and namespace share one lease: it is
   * released when the last participant has drained. Throws `DROMEDARY_INVALID_STATE` after stop.
   */
  campaign(namespace: string, options: CampaignOptions): Campaign
}

export interface ClusterMember {
  /** A name for people. Two processes may have the same one. */
  readonly id: string
  /** Fresh per process; what makes two members two. */
  readonly incarnation: string
}

export interface CampaignOptions {
  /** Who takes part, for logs and drain accounting: the route id. */
  readonly participant: string
}

/** Disposing withdraws: drains (renewing meanwhile), then leaves. Idempotent. */
export interface Campaign extends AsyncDisposable {
  readonly namespace: string
  /** Replays the newest; undefined between any two terms; never errors; completes when disposed. */
  readonly leadership: Observable<Leadership | undefined>
}

/**
 * One object per term and participant; only the service aborts its signals.
 * A change flips `accepts` and `isValid` first, then aborts, then emits.
 */
export interface Leadership extends Omit<ExchangeGuard, 'leadership'> {
  readonly namespace: string
  /** The fencing token: strictly grows from leader to leader. */
  readonly term: bigint
  /** No new work from here on; its reason is a {@link LossReason}. */
  readonly closing: AbortSignal
  /** After closing, never before; from then on everything answers false. Its reason is a {@link LossReason}. */
  readonly ended: AbortSignal
  /** Asked synchronously when an exchange enters: whether new work may begin. False from closing on. */
  accepts(): boolean
  /** Asked synchronously before each send that leaves the process. False from the hard end on, for ever. */
  isValid(): boolean
  /** Until the hard end as it stands now; 0 once ended. */
  remainingMs(): number
  /** Since the last renewal that was acknowledged was sent, milliseconds. Absent: the service does not say. */
  renewAgeMs?(): number
  /** Idempotent. When the last participant says so the service may release. */
  drained(): void
  /** Moves the whole namespace to another member; the outcome shows in closing and ended. */
  resign(reason: string): void
  /**
   * True once a renewal that was sent after this call has been acknowledged: proof that this member led at some moment
   * after the call, whatever it slept through before. False when the leadership ends first. For whoever fences others:
   * a fence is raised again only after it.
   */
  renewed(): Promise<boolean>
}

/** Why a leadership closed. */
export type LossReason =
  /** Renewals were not acknowledged in time. */
  | 'renewal-failed'
  /** Another member holds the record. */
  | 'taken'
  /** The wall clock and the monotonic clock disagree beyond the tolerance. */
  | 'clock'
  /** This process was paused or its loop blocked past an end. */
  | 'stalled'
  /** Somebody removed or changed the record. */
  | 'record-changed'
  /** {@link Leadership.resign} was called. */
  | 'resigned'
  /** The campaign was disposed or the service stopped. */
  | 'stopped'

/** `standing-back`: not competing for a while, after it resigned. */
export type ClusterRole = 'off' | 'follower' | 'leader' | 'draining' | 'standing-back'

export interface ClusterState {
  readonly namespace: string
  readonly role: ClusterRole
  readonly leader?: { readonly id: string; readonly term: bigint }
  readonly highestTermSeen: bigint
  /** The newest change of leader: why the last one ended, and how long nobody led as this member saw it. */
  readonly lastChange?: { readonly reason: string; readonly leaderlessMs: number }
  readonly health: ClusterHealth
}

export interface ClusterHealth {
  readonly status: 'up' | 'degraded' | 'down'
  /** Failed rounds since the last good one. */
  readonly failures: number
  readonly error?: DromedaryError
}
