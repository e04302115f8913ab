import type { Observable } from 'rxjs'
import type { Clock } from '../clock.ts'
import type { ClusterService } from '../cluster/contract.ts'
import type { Endpoint } from '../component/contract.ts'
import type { TypeConverters } from '../exchange/converters.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { ExchangeEvent, LifecycleEvent } from './events.ts'
import type { RouteHandle } from './route-handle.ts'
import type { ProducerTemplate } from './template.ts'

export type ContextStatus = 'created' | 'starting' | 'started' | 'stopping' | 'stopped'

/** A running set of routes. Starts once and stops once. Camel: CamelContext. */
export interface Context extends AsyncDisposable {
  readonly name: string
  readonly status: ContextStatus
  readonly clock: Clock
  readonly cluster: ClusterService | undefined
  /** In the order of writing; empty before {@link start}. */
  readonly routes: readonly RouteHandle[]
  /** Throws `DROMEDARY_UNKNOWN_ROUTE`. */
  route(id: string): RouteHandle
  /** The endpoint of a URI; made if there is none. Throws the errors of endpoint creation. */
  endpoint(uri: string): Endpoint
  readonly template: ProducerTemplate
  /** To add converters for classes of your own. */
  readonly converters: TypeConverters
  /** What happens to the context and its routes. */
  readonly events: Observable<LifecycleEvent>
  /** What happens to exchanges. Costs nothing until subscribed; then each step tells. */
  readonly exchanges: Observable<ExchangeEvent>
  /**
   * Checks and compiles every route, then starts the cluster service, producers and consumers. Rejects with the first
   * thing that is wrong, after stopping what had started. While started, a context with a route that is not merely called
   * by others keeps the process alive.
   */
  start(): Promise<void>
  /**
   * Drains, for at most `shutdownTimeout`, and frees everything. Idempotent. Rejects with `DROMEDARY_SHUTDOWN_TIMEOUT`, after all else has stopped,
   * when something ignored the deadline and was left behind.
   */
  stop(): Promise<void>
  createExchange(body?: unknown): Exchange
}
