import type { Clock } from '../clock.ts'
import type { ContextView, RouteEntry, RouteScope, ScopeGuard } from '../component/contract.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import { isThenable } from './thenable.ts'

/** A gate within a route's gate, for a consumer that wraps another one. Scopes nest. */
export class RouteScopeImpl implements RouteScope, RouteEntry {
  readonly routeId: string
  readonly context: ContextView
  readonly clock: Clock
  readonly log: Logger
  /** Of the route and of the guard, whichever aborts first. */
  readonly signal: AbortSignal
  readonly #outer: RouteEntry
  readonly #guard: ScopeGuard
  #inFlight = 0
  #waiting: (() => void)[] = []

  constructor(outer: RouteEntry, guard: ScopeGuard) {
    this.#outer = outer
    this.#guard = guard
    this.routeId = outer.routeId
    this.context = outer.context
    this.clock = outer.clock
    this.log = outer.log
    this.signal = AbortSignal.any([outer.signal, guard.signal])
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
        timer.cancel()
        this.#waiting = this.#waiting.filter(other => other !== done)
        resolve(this.#inFlight)
      }
      const timer = this.clock.setTimeout(done, ms)
      this.#waiting.push(done)
    })
  }

  createExchange(body?: unknown): Exchange {
    const exchange = this.#outer.createExchange(body)
    exchange.signal = this.signal
    if (this.#guard.endpointUri !== undefined) exchange.fromEndpoint = this.#guard.endpointUri
    return exchange
  }

  process(exchange: Exchange): void | Promise<void> {
    if (!this.#guard.accepts()) return this.#refuse(exchange)
    this.#admit(exchange)
    const result = this.#outer.process(exchange)
    return isThenable(result) ? Promise.resolve(result).finally(() => this.#leave()) : this.#leave()
  }

  call(exchange: Exchange): void | Promise<void> {
    if (!this.#guard.accepts()) throw this.#notAccepting()
    this.#admit(exchange)
    try {
      const result = this.#outer.call(exchange)
      return isThenable(result) ? Promise.resolve(result).finally(() => this.#leave()) : this.#leave()
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  reportError(error: unknown, doing: string): void {
    this.#outer.reportError(error, doing)
  }

  reportState(state: 'connected' | 'disconnected', reason?: unknown): void {
    this.#outer.reportState(state, reason)
  }

  scope(guard: ScopeGuard): RouteScope {
    return new RouteScopeImpl(this, guard)
  }

  #admit(exchange: Exchange): void {
    exchange.guard = this.#guard
    this.#guard.prepare?.(exchange)
    this.#inFlight++
  }

  #leave(): void {
    if (--this.#inFlight > 0) return
    for (const done of this.#waiting.slice()) done()
  }

  #refuse(exchange: Exchange): void | Promise<void> {
    exchange.fail(this.#notAccepting())
    return this.context.complete(exchange)
  }

  #notAccepting(): DromedaryError {
    return new DromedaryError(
      'DROMEDARY_NOT_ACCEPTING',
      `route ${this.routeId} takes no exchanges now: this member does not lead`,
    )
  }
}
