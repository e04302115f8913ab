import type { Clock } from '../clock.ts'
import { DromedaryError } from '../errors.ts'

/** Clock rates of two members may differ by this much; taken off every lease. */
export const CLOCK_RATE_TOLERANCE = 0.01
/** The wall clock may disagree with the monotonic one by this much since the last renewal: a pause hidden from one of them is no longer. */
export const WALL_TOLERANCE_MS = 250
/** Taken off every lease besides the clock rate: the wall tolerance, and 100 ms for what lies between the check and the send. */
export const LEASE_MARGIN_MS = WALL_TOLERANCE_MS + 100
/** How long a member that stops or resigns may drain by default, renewing meanwhile. */
export const DEFAULT_DRAIN_MS = 45_000

/** When a lease closes and ends, in milliseconds from the moment its last acknowledged renewal was sent. */
export interface LeaseTiming {
  /** The earliest moment at which a successor may hold the lease. */
  readonly leaseMs: number
  /** No new work from here on. */
  readonly closeAfterMs: number
  /** Nothing at all from here on: lease − 1 % − 0.35 s. */
  readonly hardEndAfterMs: number
}

/**
 * The timing of a lease; without `closeAfterMs` it closes after two thirds. Throws `DROMEDARY_CLUSTER_CONFIG` where
 * nothing, or no time to drain, would be left.
 */
export function leaseTiming(leaseMs: number, closeAfterMs = (leaseMs * 2) / 3): LeaseTiming {
  const hardEndAfterMs = leaseMs * (1 - CLOCK_RATE_TOLERANCE) - LEASE_MARGIN_MS
  if (!(closeAfterMs > 0 && closeAfterMs < hardEndAfterMs)) {
    throw new DromedaryError(
      'DROMEDARY_CLUSTER_CONFIG',
      `A lease of ${leaseMs} ms ends for its holder after ${Math.floor(hardEndAfterMs)} ms (1 % and ${LEASE_MARGIN_MS} ms are margin): it cannot close after ${Math.floor(closeAfterMs)} ms. Choose a longer lease, or close earlier.`,
    )
  }
  return { leaseMs, closeAfterMs, hardEndAfterMs }
}

/** Both clocks, read together; taken before a request is sent. */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

/** Both clocks count as read together within this. */
const TOGETHER_MS = 5
const READINGS = 5

/**
 * Now, by both clocks. A process that is preempted between the two would see a clock step that never was: then both are
 * read again, a few times at most. `monotonic` is the earlier reading.
 */
export function momentOf(clock: Clock): Moment {
  for (let reading = 1; ; reading++) {
    const monotonic = clock.monotonic()
    const wall = clock.now()
    if (reading === READINGS || clock.monotonic() - monotonic <= TOGETHER_MS) return { monotonic, wall }
  }
}
