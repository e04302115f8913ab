import type { ContextView } from '../component/contract.ts'
import type { ExchangeServices, Processor } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import type { Events } from './events.ts'

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
  onState(state: 'connected' | 'disconnected', reason: unknown): void
}

/** Counts of one route since its context was made. */
export interface RouteStatistics {
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly inFlight: number
}
