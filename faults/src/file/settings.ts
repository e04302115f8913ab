/** The shortest that proper-lockfile allows, so that scenarios which wait for expiry wait little. Milliseconds. */
export const UPDATE_MS = 1_000
export const STALE_MS = 2_000
export const ACQUIRE_INTERVAL_MS = 1_000

/** What a member of this suite is configured with. */
export interface FileSettings {
  readonly updateMs: number
  readonly staleMs: number
  readonly acquireIntervalMs: number
}

export const SETTINGS: FileSettings = {
  updateMs: UPDATE_MS,
  staleMs: STALE_MS,
  acquireIntervalMs: ACQUIRE_INTERVAL_MS,
}

/** Within this somebody else must lead after a leader stopped renewing without letting go. */
export const EXPIRY_BOUND_MS = STALE_MS + ACQUIRE_INTERVAL_MS + 250

/** How long a scenario waits before it says that nobody came: far above every bound. */
export const PATIENCE_MS = 15_000
