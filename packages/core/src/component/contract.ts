import type { Clock } from '../clock.ts'
import type { ClusterService, Leadership } from '../cluster/contract.ts'
import type { Exchange, ExchangeGuard } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import type { MadeByCore } from '../one-core.ts'
import type { ResumeStrategy } from '../resume/strategy.ts'
import type { ParsedUri } from '../uri/parse.ts'

/**
 * A family of endpoints under one scheme. Make one with `defineComponent`; pass it to the context. Stateless: what
 * a context keeps for it hangs on {@link EndpointInit.once}.
 */
export interface Component<Options extends object = object, Body = unknown> extends MadeByCore {
  readonly scheme: string
  /** For the compiler alone; never there at run time. */
  readonly '~type'?: ComponentTypes<Options, Body>
  /** What is known of the component: for checks, docs and tools. Built on first use. */
  readonly meta: ComponentMeta
  /**
   * Pure and synchronous: no I/O, no timers. Once per normalised URI and context.
   * Throws `DROMEDARY_INVALID_URI`, `DROMEDARY_UNKNOWN_OPTION`, `DROMEDARY_INVALID_OPTION`.
   */
  endpoint(at: EndpointInit): Endpoint
}

export interface ComponentTypes<Options extends object, Body> {
  /** What may be written in the object form and in the query. */
  readonly options: Options
  /** What its consumer puts into the body. */
  readonly body: Body
  /** Whether its path ends in the URI of another endpoint, which owns the query (`master:`). */
  readonly wraps: boolean
}

export interface ComponentMeta {
  readonly scheme: string
  /** What it is, in one sentence. */
  readonly title: string
  /** `timer:timerName` */
  readonly syntax: string
  readonly consumes: boolean
  readonly produces: boolean
  readonly wraps: boolean
  /** Path parameters, then options, as the docs print them. */
  readonly options: readonly OptionMeta[]
}

export interface OptionMeta {
  readonly name: string
  readonly kind: 'path' | 'query'
  /** `duration`, `boolean`, `integer`, `number`, `string`, or the words of an enumeration separated by `/`. */
  readonly type: string
  readonly required: boolean
  /** As it would be written in a URI; undefined without one. */
  readonly default?: string
  readonly description: string
}

/** What an endpoint is made from. */
export interface EndpointInit {
  readonly uri: ParsedUri
  readonly context: ContextView
  /** Another endpoint of the same context: how a wrapping component gets its delegate. Cached like any other. */
  resolve(uri: string): Endpoint
  /** Resources shared by the endpoints of a context. */
  readonly shared: SharedResources
  /** A value kept for this component in this context, made on the first call: what `direct:` keeps its consumers in. */
  once<T>(key: string, make: () => T): T
}

/** What a component may see of its context. */
export interface ContextView {
  readonly name: string
  readonly clock: Clock
  /** The one cluster service of the context. */
  readonly cluster: ClusterService | undefined
  /** Beans by name. */
  lookup(name: string): unknown
  /** The configuration property of this key, placeholders in it resolved: what a component's connection is set by (`kafka.brokers`). */
  property(key: string): string | undefined
  /** A logger for Dromedary's own lines, not the user's. */
  logger(category: string, origin?: string): Logger
  /** An exchange that belongs to no consumer. */
  createExchange(body?: unknown): Exchange
  /** Completes an exchange that a component made itself, such as a copy for another route: runs its unit of work once. */
  complete(exchange: Exchange): void | Promise<void>
}

/** One address. The runtime asks for a consumer per route, and for one producer per context. */
export interface Endpoint {
  /** Normal form, secrets masked: `timer://clustered?period=5000`. */
  readonly uri: string
  /** Opens nothing. Absent: the component only produces. */
  consumer?(entry: RouteEntry): Consumer
  /** Opens nothing. Absent: the component only consumes. */
  producer?(): Producer
  /** For polling one message (`poll`, `pollEnrich`). */
  poller?(): Poller
  /**
   * What is slow and not exclusive about consuming here (clients imported, certificates read): `master:` waits for it on
   * every member before it competes. May be called several times. Rejects on the signal.
   */
  warmUp?(signal: AbortSignal): void | Promise<void>
  /** For the `resumable` step of that route: keeps its positions there. Asked when the route is compiled. Opens nothing. */
  resumeStrategy?(routeId: string): ResumeStrategy
}

/**
 * Brings messages into a route. The runtime orders the calls: start, then quiesce, then close; never two at once, but for
 * `close(true)`, which does not wait for a quiesce() that has not come back by the deadline.
 */
export interface Consumer {
  /**
   * Only called by routes of the same context (`direct:`): stopped after the others have drained. Holds nothing that only
   * one may hold: when routes are changed it starts while the one whose place it takes still runs, and answers from then on;
   * that one answers again when this one is closed first.
   */
  readonly passive?: boolean
  /** What only one route of a context may consume (`direct:orders`); a second one is `DROMEDARY_DUPLICATE_CONSUMER`. */
  readonly sole?: string
  /**
   * Before start(), while the consumer whose place this one takes still runs: takes part already in what both may have part
   * in, such as a campaign, so that it is not given up in between. Consumes nothing. start() or close() follows, on the
   * signal even before this is through: from then on it does nothing more. Rejecting changes nothing: start() then does
   * without.
   */
  join?(signal: AbortSignal): void | Promise<void>
  /**
   * Resolves when it really consumes (bound, subscribed, scheduled); rejects with the reason, and close() follows.
   * The signal means that a stop was asked for: give up promptly.
   */
  start(signal: AbortSignal): void | Promise<void>
  /** From its return on no new exchange enters; what was read and not handed in is handed in now or stays redeliverable at the source. */
  quiesce(): void | Promise<void>
  /** After quiesce() without close(): consumes again. Absent: the runtime closes this one and makes a new one. */
  resume?(): void | Promise<void>
  /**
   * Nothing is in flight any more, or `forced`. Frees every handle. Exactly once where it was started, whether or not that
   * succeeded, or has joined; else never. Never while start() is pending.
   */
  close(forced: boolean): void | Promise<void>
  /**
   * Its route is no part of the context any more, or never became one, whether or not it ran; or it was wrapped, and there is a
   * newer one in its place. For what was noted down of it.
   */
  leave?(): void
}

/** The route as its consumer sees it. */
export interface RouteEntry {
  readonly routeId: string
  readonly context: ContextView
  readonly clock: Clock
  readonly log: Logger
  /** Aborts only when the drain deadline passed; within a {@link scope} also when its guard has ended. */
  readonly signal: AbortSignal
  createExchange(body?: unknown): Exchange
  /**
   * Runs the route. Never throws or rejects: look at `exchange.exception`. A promise only if it went asynchronous;
   * awaiting it is back-pressure. A route that takes nothing fails the exchange with `DROMEDARY_NOT_ACCEPTING` and runs its `onFailure`.
   */
  process(exchange: Exchange): void | Promise<void>
  /**
   * Runs the route as a part of the route that the exchange is in (`direct:`): its unit of work goes on, and a route
   * without an error handler throws into the caller's. Throws `DROMEDARY_NOT_ACCEPTING`, `DROMEDARY_CALLS_TOO_DEEP`.
   */
  call(exchange: Exchange): void | Promise<void>
  /** For failures before an exchange exists: logged, with what it was doing. */
  reportError(error: unknown, doing: string): void
  /** Connected and disconnected, for consumers that hold a connection. Each change is logged once. */
  reportState(state: 'connected' | 'disconnected', reason?: unknown): void
  /** How far a consumer is that may have to stand by; each change is told once, in `RouteHandle.readiness` and as an event. */
  reportReadiness(readiness: Readiness): void
  /**
   * Does what is slow and may be done by any member: {@link Producer.warmUp} of the endpoints that the route's own steps
   * send to. Undefined where there is nothing to do. Rejects with the first failure.
   */
  warmUp(signal: AbortSignal): void | Promise<void>
  /** A new term begins here: {@link Producer.takeOver} of those endpoints. */
  takeOver(leadership: Leadership): void
  /**
   * The position that a source which can be replayed goes on after: ask before each connection, once nothing of the
   * connection before is under way. What the route's `resumable` step saw last in this term, else what was kept, by the
   * predecessor or an earlier run. Undefined without such a step, or where nothing was kept.
   * Rejects when it cannot be read: then do not connect. `leadership`: of whom; within a {@link scope} its guard's.
   */
  resumePosition(signal: AbortSignal, leadership?: Leadership): Promise<unknown>
  /** For consumers that wrap one, such as `master:`: own gate, signal and in-flight count. */
  scope(guard: ScopeGuard): RouteScope
}

/**
 * `warming`: does what is slow, and does not compete yet. `standby-ready`: may take over at once, or competes to.
 * `leading`: consumes as the leader.
 */
export type Readiness = 'warming' | 'standby-ready' | 'leading'

/** Opens and closes a {@link RouteScope}. */
export interface ScopeGuard extends ExchangeGuard {
  /** Aborts when the work inside must end: the scope's entry passes it on as its signal. */
  readonly signal: AbortSignal
  /** The wrapped endpoint, masked: what `exchange.fromEndpoint` and the log name instead of the wrapper. */
  readonly endpointUri?: string
  /** Called for each exchange as it enters: put the term into it here. */
  prepare?(exchange: Exchange): void
}

export interface RouteScope {
  readonly entry: RouteEntry
  /** Exchanges that entered through this scope and have not ended. */
  readonly inFlight: number
  /** Resolves when nothing is in flight, at the latest after `ms` (Infinity: however long it takes); how many are left. */
  drained(ms: number): Promise<number>
}

/** Sends exchanges to one endpoint. */
export interface Producer {
  /** Leaves the process: leadership is checked before each send. */
  readonly external: boolean
  /** It keeps something under the id of the route: a generated id is refused at start (`DROMEDARY_INVALID_ROUTE`). */
  readonly needsRouteId?: boolean
  /** Before any consumer starts. One that rejects is not closed: it must have freed what it took. */
  start?(signal: AbortSignal): void | Promise<void>
  /**
   * What is slow and not exclusive (clients imported, metadata fetched, caches filled): `master:` waits for it on every
   * member before it competes. May be called several times, also at once. Rejects on the signal.
   */
  warmUp?(signal: AbortSignal): void | Promise<void>
  /**
   * A `master:` route that sends here begins a term: take over what only one may hold (fence the predecessor), now, in
   * the background; sends of the term wait for it. Never throws.
   */
  takeOver?(term: TermBegun): void
  /**
   * Throws or rejects; never sets `exception`. A returned thenable is awaited. Must be safe to call concurrently. An
   * external one that hands over later than it was called (connects, batches) asks `exchange.guard?.isValid()` again then.
   */
  send(exchange: Exchange): void | Promise<void>
  /** After all routes have drained: flush, free. Once. */
  close?(): void | Promise<void>
}

/** A leader begins its term. */
export interface TermBegun {
  readonly routeId: string
  readonly leadership: Leadership
}

/** Takes single messages from an endpoint. */
export interface Poller {
  /** Undefined when nothing came within the time-out; aborting loses nothing. */
  poll(timeoutMs: number, signal: AbortSignal): Promise<Exchange | undefined>
  close(): void | Promise<void>
}

/** Counted by holders; two holders with different settings are `DROMEDARY_SHARED_CONFLICT`, naming both. */
export interface SharedResources {
  acquire<T>(
    key: string,
    settings: object,
    open: () => T | Promise<T>,
    close: (value: T) => void | Promise<void>,
  ): Promise<SharedResource<T>>
}

export interface SharedResource<T> {
  readonly value: T
  /** Closes the resource when the last holder lets go. Idempotent. */
  release(): Promise<void>
}
