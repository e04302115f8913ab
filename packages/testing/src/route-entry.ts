import { type Clock, createContext, type LogRecord, silentSink } from '@dromedary/core'
import type { ClusterService, Leadership } from '@dromedary/core/cluster'
import {
  type Component,
  type Consumer,
  type ContextView,
  DromedaryError,
  type Endpoint,
  type Exchange,
  parseUri,
  type Readiness,
  type RouteEntry,
} from '@dromedary/core/component'
import { FakeClock } from './fake-clock.ts'
import { FakeGate, type FakeRoute } from './fake-gate.ts'
import { FakeShared } from './fake-shared.ts'

export interface FakeRouteOptions {
  /** Default `test`. */
  readonly routeId?: string
  /** Default: a new {@link FakeClock}. */
  readonly clock?: Clock
  /** Default: none. */
  readonly cluster?: ClusterService
  readonly beans?: Readonly<Record<string, unknown>>
  /** What a component may resolve as its delegate, by scheme. */
  readonly components?: Iterable<Component>
  /** Runs for each exchange that entered; what it returns is awaited. */
  readonly route?: FakeRoute
  /** What the consumer is told of the route's position. Default: none. */
  readonly resumePosition?: RouteEntry['resumePosition']
  /** What the endpoints that the route sends to have to warm up. Default: nothing. */
  readonly warmUp?: RouteEntry['warmUp']
  /** Configuration properties. */
  readonly properties?: Readonly<Record<string, string>>
}

/** An error that a consumer reported. */
export interface ReportedError {
  readonly error: unknown
  readonly doing: string
}

/**
 * Stands in for a route and its context, to test a consumer alone: it records what enters, what is refused, what is
 * reported and logged, and has the gate, the scopes and the in-flight count of the real one.
 *
 * ```ts
 * const route = fakeRoute()
 * const consumer = route.consumer(timer, 'timer:tick')
 * await consumer.start(new AbortController().signal)
 * ```
 */
export function fakeRoute(options: FakeRouteOptions = {}): FakeRouteEntry {
  return new FakeRouteEntry(options)
}

/** See {@link fakeRoute}. */
export class FakeRouteEntry {
  readonly context: ContextView
  readonly entry: RouteEntry
  /** Exchanges that entered, in order. */
  readonly exchanges: Exchange[] = []
  /** Exchanges that came while the gate was closed. */
  readonly refused: Exchange[] = []
  readonly errors: ReportedError[] = []
  readonly states: ('connected' | 'disconnected')[] = []
  /** What was reported of the readiness, each change once. */
  readonly readiness: Readiness[] = []
  /** Terms that the endpoints of the route were told of. */
  readonly takeOvers: Leadership[] = []
  readonly logs: LogRecord[] = []
  /** Resources that are held by `acquire` and not yet released. */
  readonly shared = new FakeShared()
  /** Whether the route takes exchanges. Close it after quiesce() to see what still comes. */
  open = true
  readonly #gate: FakeGate
  readonly #abort = new AbortController()
  readonly #components: Map<string, Component>
  readonly #once = new Map<string, unknown>()
  readonly #endpoints = new Map<string, Endpoint>()

  constructor(options: FakeRouteOptions) {
    const {
      routeId = 'test',
      clock = new FakeClock(),
      cluster,
      beans = {},
      properties = {},
      route = () => {},
    } = options
    this.#components = new Map([...(options.components ?? [])].map(component => [component.scheme, component]))
    // Never started: it only makes exchanges.
    const maker = createContext({ routes: [], clock, log: silentSink })
    const logger = (category: string) => this.#logger(category)
    this.context = {
      name: 'fake',
      clock,
      cluster,
      property: key => (Object.hasOwn(properties, key) ? properties[key] : undefined),
      lookup: name => (Object.hasOwn(beans, name) ? beans[name] : undefined),
      logger,
      createExchange: body => maker.createExchange(body),
      complete: exchange => {
        if (!exchange.hasUnitOfWork) return undefined
        return exchange.unitOfWork.end(exchange, exchange.failed, error => this.errors.push({ error, doing: 'ending' }))
      },
    }
    this.#gate = new FakeGate({
      routeId,
      endpointUri: 'fake://endpoint',
      context: this.context,
      log: logger(routeId),
      signal: this.#abort.signal,
      accepts: () => this.open,
      run: exchange => {
        this.exchanges.push(exchange)
        return route(exchange)
      },
      refused: exchange => void this.refused.push(exchange),
      reportError: (error, doing) => void this.errors.push({ error, doing }),
      reportState: state => {
        if (this.states.at(-1) !== state) this.states.push(state)
      },
      reportReadiness: readiness => {
        if (this.readiness.at(-1) !== readiness) this.readiness.push(readiness)
      },
      warmUp: signal => options.warmUp?.(signal),
      takeOver: leadership => void this.takeOvers.push(leadership),
      resumePosition: async (signal, leadership) => options.resumePosition?.(signal, leadership),
    })
    this.entry = this.#gate
  }

  /** Exchanges under way. */
  get inFlight(): number {
    return this.#gate.inFlight
  }

  /** Bodies of what entered. */
  get bodies(): unknown[] {
    return this.exchanges.map(exchange => exchange.body)
  }

  /** The drain deadline has passed: aborts the signal of the entry and of every scope. */
  abort(reason: unknown = new DromedaryError('DROMEDARY_SHUTDOWN_TIMEOUT', 'the drain deadline passed')): void {
    this.#abort.abort(reason)
  }

  /** The endpoint that a component makes of a URI; the same for the same normal form. */
  endpoint(component: Component, text: string): Endpoint {
    const uri = parseUri(text)
    const known = this.#endpoints.get(uri.normal)
    if (known) return known
    const endpoint = component.endpoint({
      uri,
      context: this.context,
      resolve: inner => this.#resolve(inner),
      shared: this.shared,
      once: <T>(key: string, make: () => T) => this.#onceFor(`${component.scheme} ${key}`, make),
    })
    this.#endpoints.set(uri.normal, endpoint)
    return endpoint
  }

  /** A consumer of that endpoint, for this route. Throws a TypeError where the endpoint has none. */
  consumer(component: Component, uri: string): Consumer {
    const endpoint = this.endpoint(component, uri)
    if (!endpoint.consumer) throw new TypeError(`${endpoint.uri} cannot be consumed from`)
    return endpoint.consumer(this.entry)
  }

  #resolve(uri: string): Endpoint {
    const { scheme } = parseUri(uri)
    const component = this.#components.get(scheme)
    if (!component)
      throw new DromedaryError('DROMEDARY_UNKNOWN_SCHEME', `the fake route was given no component ${scheme}`)
    return this.endpoint(component, uri)
  }

  #onceFor<T>(key: string, make: () => T): T {
    if (!this.#once.has(key)) this.#once.set(key, make())
    return this.#once.get(key) as T
  }

  #logger(category: string) {
    const log = (level: LogRecord['level'], message: string, details?: object) => {
      this.logs.push({ level, category, message, ...details })
    }
    return {
      isEnabled: () => true,
      log,
      trace: (message: string, details?: object) => log('trace', message, details),
      debug: (message: string, details?: object) => log('debug', message, details),
      info: (message: string, details?: object) => log('info', message, details),
      warn: (message: string, details?: object) => log('warn', message, details),
      error: (message: string, details?: object) => log('error', message, details),
    }
  }
}
