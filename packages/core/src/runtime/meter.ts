/**
 * What times the exchanges of a context, for whoever shows metrics. Counts are in `RouteHandle.statistics` anyhow; without a
 * meter no exchange reads a clock.
 */
export interface Meter {
  /** Asked once for each route that is made; one that takes the place of another asks again under the same id. */
  route(routeId: string): RouteMeter
}

/** Times the exchanges of one route. */
export interface RouteMeter {
  /**
   * Asked for each exchange that enters. 0: it is not timed. Else it is, and stands for so many: itself and those before it
   * that were not. A clock costs half of what an exchange does, so a busy route times a few only.
   */
  due(): number
  /** How long a timed exchange was under way in the route, milliseconds, and for how many it stands. Once for each. */
  took(ms: number, standsFor: number): void
}

/** What an error handler did in one route since its context was made. */
export interface FailureCounts {
  /** Exchanges whose failure it dealt with: handled, continued, or moved to a dead letter endpoint. */
  handled: number
  /** Tries beyond the first one of a step. */
  redeliveries: number
}
