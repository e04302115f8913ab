import type { RouteStatistics } from './entry-place.ts'

/**
 * What times the exchanges of a context, for whoever shows metrics. Counts are in `RouteHandle.statistics` anyhow; without a
 * meter no exchange reads a clock.
 */
export interface Meter {
  /**
   * Asked once for each route that is made: one that may take the place of another asks under the same id, and may never run.
   * The route holds what is returned; nothing else may hold either.
   */
  route(routeId: string, route: MeteredRoute): RouteMeter
}

/** What a meter may ask of a route. */
export interface MeteredRoute {
  /** Exchanges that have entered it since it was made. */
  readonly entered: number
  /** Those of them that have not ended. */
  readonly underWay: number
  /** Its counts, also once another route has taken its place. */
  readonly statistics: RouteStatistics
  /** Makes the next exchange one that is timed. */
  timeNext(): void
}

/** Times the exchanges of one route. */
export interface RouteMeter {
  /**
   * The next one that is timed, by its number; the first is always. Two readings of a clock cost as much as a short exchange, so a
   * busy route times a few only, and asks after each of them.
   */
  readonly due: number
  /**
   * An exchange that is timed enters, by its number, which counts from 1 since the route was made. Returns for how many it
   * stands: itself, and those before it that were not timed. Moves {@link due} on.
   */
  begins(exchange: number): number
  /** How long it was under way in the route, milliseconds, and for how many it stands. Once for each that began. */
  took(ms: number, standsFor: number): void
}

/** What an error handler did in one route since its context was made. */
export interface FailureCounts {
  /** Exchanges whose failure it dealt with: handled, continued, or moved to a dead letter endpoint. */
  handled: number
  /** Tries beyond the first one of a step. */
  redeliveries: number
}
