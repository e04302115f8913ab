import type { ContextView, Producer, Readiness } from '../component/contract.ts'
import type { ExchangeServices, Processor } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import type { RoutePosition } from '../resume/route-position.ts'
import type { Events } from './events.ts'
import type { FailureCounts, Meter } from './meter.ts'

/** What an entry needs of its route. */
export interface EntryPlace {
  readonly routeId: string
  readonly endpointUri: string
  readonly context: ContextView
  readonly services: ExchangeServices
  readonly log: Logger
  readonly events: Events
  readonly run: Processor
  readonly weight: number
  /** Of the endpoints that its own steps send to, each once. */
  readonly producers: ReadonlySet<Producer>
  /** What its `resumable` step keeps. */
  readonly position: RoutePosition | undefined
  readonly meter: Meter | undefined
  /** Counted by its error handler. */
  readonly failures: FailureCounts
  onReadiness(readiness: Readiness): void
  onState(state: 'connected' | 'disconnected', reason: unknown): void
}

/** Counts of one route since its definition came into the context. */
export interface RouteStatistics {
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly inFlight: number
  /** Failures that its error handler dealt with; those exchanges are among the completed. Camel: failures handled. */
  readonly failuresHandled: number
  /** Tries beyond the first one of a step. Camel: redeliveries. */
  readonly redeliveries: number
}
