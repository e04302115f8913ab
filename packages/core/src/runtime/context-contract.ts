import type { Observable } from 'rxjs'
import type { Clock } from '../clock.ts'
import type { ClusterService } from '../cluster/contract.ts'
import type { Endpoint } from '../component/contract.ts'
import type { RouteSource } from '../definition/route.ts'
import type { TypeConverters } from '../exchange/converters.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { ExchangeEvent, LifecycleEvent } from './events.ts'
import type { RouteHandle } from './route-handle.ts'
import type { ProducerTemplate } from './template.ts'

export type ContextStatus = 'created' | 'starting' | 'started' | 'stopping' | 'stopped'

/** What a change made of each route, by its id. */
export interface RouteChange {
  readonly added: readonly string[]
  /** They have another definition, and keep their id. */
  readonly replaced: readonly string[]
  readonly removed: readonly string[]
  /** Untouched. */
  readonly kept: readonly string[]
}

export interface ChangeOptions {
  /**
   * Calls the change off with its reason until all of the new set runs: what has come goes, and what has left runs again. A
   * start that does not heed its own signal within 10 s keeps down what it was to replace, until it has ended and that is
   * started again. Where what has left takes longer than 10 s to start again, it goes on with that by itself. While a change
   * that failed is taken back, these times hold as well. Later it changes nothing.
   */
  readonly signal?: AbortSignal
}

/** A running set of routes. Starts once and stops once. Camel: CamelContext. */
export interface Context extends AsyncDisposable {
  readonly name: string
  readonly status: ContextStatus
  readonly clock: Clock
  readonly cluster: ClusterService | undefined
  /** In the order of writing; empty before {@link start}, and the new set as soon as a change has gone through. */
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
  /**
   * Puts another set of routes in the place of the one that runs: `routes` is the whole new set. By id, or where none was
   * given by what they are, routes are kept, replaced, added and removed. One whose definition is the same object, or equal
   * and free of other functions and objects of classes, is kept, and nothing of it is touched: its consumer, exchanges under
   * way, groups, leadership.
   *
   * New routes are checked and compiled, and their producers started, before anything that runs is touched. Routes that only
   * others call (`direct:`) change without an instant in which nobody answers; exchanges under way end in the old one. The
   * others stop as by `RouteHandle.stop()`, each for at most `shutdownTimeout`, and then the new one starts; a `master:` route
   * keeps its leadership meanwhile. One that was stopped or suspended by hand is not started. What nobody uses any more is
   * closed. Resolves when all of that is done.
   *
   * Rejects with the first thing that is wrong; then everything runs as before, what had been stopped for the change is
   * started again. `DROMEDARY_CHANGE_FAILED`: that could not be; the route is left `failed`. `DROMEDARY_SHUTDOWN_TIMEOUT`: an
   * old consumer did not close, and has to before it can start again. `DROMEDARY_INVALID_STATE`: the context does not run, or was
   * stopped meanwhile. Changes come one after the other. Camel: the reload of routes in dev mode.
   */
  changeRoutes(routes: Iterable<RouteSource>, options?: ChangeOptions): Promise<RouteChange>
  createExchange(body?: unknown): Exchange
}
