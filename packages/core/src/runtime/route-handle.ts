import type { Readiness } from '../component/contract.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { RouteStatistics } from './entry-place.ts'
import type { RouteStatus } from './route-status.ts'

/**
 * A route of a running context, as its user may steer it. Calls on one route run one after the other. One that was replaced or
 * removed by `Context.changeRoutes` never starts again: ask the context for the one that there is now.
 */
export interface RouteHandle {
  readonly id: string
  readonly definition: RouteDefinition
  readonly status: RouteStatus
  /** Of a route whose consumer may have to stand by (`master:`): how far it is. Undefined for others, and while stopped. */
  readonly readiness: Readiness | undefined
  readonly statistics: RouteStatistics
  /**
   * Rejects with what went wrong: `DROMEDARY_START_FAILED`, or the component's own error; `DROMEDARY_INVALID_STATE` once
   * the context stops, or the route has left it. Does nothing when a stop was asked for before its turn came.
   */
  start(): Promise<void>
  /** Drains for at most `timeoutMs` (the context's shutdown time-out), then ends by force. Aborts starts before it. */
  stop(timeoutMs?: number): Promise<void>
  /**
   * Takes no more exchanges, lets those under way end, and keeps its resources. When they have not ended after `timeoutMs`,
   * the route stops by force instead.
   */
  suspend(timeoutMs?: number): Promise<void>
  resume(): Promise<void>
}
