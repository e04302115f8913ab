import type { FileSettings } from '../file/settings.ts'

/** Messages a second. The machine has to carry broker, feed, members and readers, and still have air. */
export const RATE = 20_000
export const QUICK_RATE = 1_000

/** What a member of this suite is configured with. */
export interface FeedSettings extends FileSettings {
  readonly source: 'tcp' | 'websocket'
  readonly brokers: string
  readonly tcpPort: number
  readonly wsPort: number
  readonly topic: string
  readonly deadLetters: string
  readonly positions: string
  readonly scope: string
  /** Default: that of the example. */
  readonly routeId?: string
  /** Route ids of former versions. */
  readonly formerRouteIds?: readonly string[]
  /** How long a leader tries to write before it resigns. */
  readonly giveUpMs: number
  /** Between two commits. */
  readonly intervalMs: number
  /** How long a member takes to be ready for a takeover. Default: no longer than it needs. */
  readonly standbyMs?: number
}

/** Longer than those of the file suite: broker, feed and members share the machine, and no leader is to lose its term by that. */
export const STALE_MS = 4_000
const ACQUIRE_INTERVAL_MS = 1_000

/** A leader that could not write to the broker for so long resigns. */
export const GIVE_UP_MS = 5_000
/** On a machine that does much else a broker that has just started may need longer than that for a single answer. */
export const QUICK_GIVE_UP_MS = 15_000

/** The component's own. A quick run plays several stages at once on one broker, to which each commit is work. */
const INTERVAL_MS = 20
export const QUICK_INTERVAL_MS = 100

/** What the stage does not say. */
export const SETTINGS = {
  updateMs: 1_000,
  staleMs: STALE_MS,
  acquireIntervalMs: ACQUIRE_INTERVAL_MS,
  source: 'tcp',
  giveUpMs: GIVE_UP_MS,
  intervalMs: INTERVAL_MS,
} as const

/** Within this somebody else must lead after a leader stopped renewing without letting go. */
export const EXPIRY_BOUND_MS = STALE_MS + ACQUIRE_INTERVAL_MS + 250

/** How long a scenario waits before it says that nothing came: far above every bound. */
export const PATIENCE_MS = 30_000
