import type { Clock } from '@dromedary/core'
import {
  type ContextView,
  DromedaryError,
  Exchange,
  type Logger,
  type RouteEntry,
  type RouteScope,
  type ScopeGuard,
} from '@dromedary/core/component'

/** What runs for each exchange instead of a route. */
export type FakeRoute = (exchange: Exchange) => unknown

/** What a gate leads to, and what it shares with the gates within it. */
export interface FakeGateParts {
  readonly routeId: string
  readonly endpointUri: string
  readonly context: ContextView
  readonly log: Logger
  readonly signal: AbortSignal
  readonly accepts: () => boolean
  /** Runs the exchange further in: the outer gate, or the fake route itself. */
  readonly run: (exchange: Exchange) => unknown
  readonly refused: (exchange: Exchange) => void
  readonly reportError: RouteEntry['reportError']
  readonly reportState: RouteEntry['reportState']
  readonly reportReadiness: RouteEntry['reportReadiness']
  readonly warmUp: RouteEntry['warmUp']
  readonly takeOver: RouteEntry['takeOver']
  readonly resumePosition: RouteEntry['resumePosition']
}

/** A gate as the engine has one: lets exchanges in while it accepts, counts them, never throws. Gates nest by `scope`. */
export class FakeGate implements RouteEntry, RouteScope {
  readonly routeId: string
  readonly context: ContextView
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly reportError: RouteEntry['reportError']
  readonly reportState: RouteEntry['reportState']
  readonly reportReadiness: RouteEntry['reportReadiness']
  readonly warmUp: RouteEntry['warmUp']
  readonly takeOver: RouteEntry['takeOver']
  readonly resumePosition: RouteEntry['resumePosition']
  readonly #parts: FakeGateParts
  #inFlight = 0
  #waiting = new Set<() => void>()

  constructor(parts: FakeGateParts) {
    this.#parts = parts
    this.routeId = parts.routeId
    this.context = parts.context
    this.clock = parts.context.clock
    this.log = parts.log
    this.signal = parts.signal
    this.reportError = parts.reportError
    this.reportState = parts.reportState
    this.reportReadiness = parts.reportReadiness
    this.warmUp = parts.warmUp
    this.takeOver = parts.takeOver
    this.resumePosition = parts.resumePosition
  }

  get entry(): RouteEntry {
    return this
  }

  get inFlight(): number {
    return this.#inFlight
  }

  drained(ms: number): Promise<number> {
    if (this.#inFlight === 0) return Promise.resolve(0)
    return new Promise(resolve => {
      const done = () => {
        timer?.cancel()
        this.#waiting.delete(done)
        resolve(this.#inFlight)
      }
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : this.clock.setTimeout(done, ms)
      this.#waiting.add(done)
    })
  }

  createExchange(body: unknown = null): Exchange {
    const { services } = this.context.createExchange()
    const exchange = new Exchange(services, body, this.routeId, this.#parts.endpointUri)
    exchange.signal = this.signal
    return exchange
  }

  process(exchange: Exchange): void | Promise<void> {
    if (!this.#parts.accepts()) return this.#refuse(exchange)
    const result = this.#enter(exchange)
    return isPromise(result) ? result.then(() => this.#complete(exchange)) : this.#complete(exchange)
  }

  call(exchange: Exchange): void | Promise<void> {
    if (!this.#parts.accepts()) throw this.#notAccepting()
    const failed = () => {
      if (exchange.failed) throw exchange.exception
    }
    const result = this.#enter(exchange)
    return isPromise(result) ? result.then(failed) : failed()
  }

  scope(guard: ScopeGuard): RouteScope {
    return new FakeGate({
      ...this.#parts,
      endpointUri: guard.endpointUri ?? this.#parts.endpointUri,
      resumePosition: (signal, leadership = guard.leadership) => this.#parts.resumePosition(signal, leadership),
      signal: AbortSignal.any([this.signal, guard.signal]),
      accepts: () => this.#parts.accepts() && guard.accepts(),
      run: exchange => {
        exchange.guard = guard
        guard.prepare?.(exchange)
        return this.#enter(exchange)
      },
    })
  }

  /** Counts it, and turns what is thrown into its exception. */
  #enter(exchange: Exchange): void | Promise<void> {
    this.#inFlight++
    try {
      const result = this.#parts.run(exchange)
      if (!isPromise(result)) return this.#left()
      return Promise.resolve(result)
        .catch(error => exchange.fail(error))
        .then(() => this.#left())
    } catch (error) {
      exchange.fail(error)
      this.#left()
    }
  }

  #left(): void {
    if (--this.#inFlight > 0) return
    for (const done of [...this.#waiting]) done()
  }

  #complete(exchange: Exchange): void | Promise<void> {
    return this.context.complete(exchange)
  }

  #refuse(exchange: Exchange): void | Promise<void> {
    this.#parts.refused(exchange)
    exchange.fail(this.#notAccepting())
    return this.#complete(exchange)
  }

  #notAccepting(): DromedaryError {
    return new DromedaryError('DROMEDARY_NOT_ACCEPTING', `the fake route ${this.routeId} takes no exchanges now`)
  }
}

function isPromise(value: unknown): value is Promise<void> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
