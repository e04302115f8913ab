import { type Clock, onAbort } from '../clock.ts'
import type { Leadership } from '../cluster/contract.ts'
import type { ContextView, Readiness, RouteEntry, RouteScope, ScopeGuard } from '../component/contract.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange, ExchangeGuard } from '../exchange/exchange.ts'
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
  readonly #own: ScopeGuard
  /** Its own guard, through which it counts what goes on beside its exchanges. */
  readonly #inner: ExchangeGuard
  /** That one and those of the scopes around it. */
  readonly #guard: ExchangeGuard
  readonly #left = () => this.#leave()
  readonly #leftFailed = (error: unknown) => {
    this.#leave()
    throw error
  }
  #inFlight = 0
  #waiting: (() => void)[] = []
  /** Who keeps something back that belongs to this scope. */
  readonly #keepers = new Set<() => void>()
  #draining = false

  constructor(outer: RouteEntry, guard: ScopeGuard) {
    this.#outer = outer
    this.#own = guard
    const held: ExchangeGuard = {
      leadership: guard.leadership,
      accepts: () => guard.accepts(),
      isValid: () => guard.isValid(),
      hold: drain => this.#hold(drain),
    }
    this.#inner = held
    this.#guard = outer instanceof RouteScopeImpl ? both(outer.#guard, held) : held
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
    if (!this.#draining && !this.#own.signal.aborted) onAbort(this.#own.signal, () => this.#tellKeepers())
    this.#draining = true
    this.#tellKeepers()
    if (this.#inFlight === 0) return Promise.resolve(0)
    return new Promise(resolve => {
      const done = () => {
        timer?.cancel()
        this.#waiting = this.#waiting.filter(other => other !== done)
        resolve(this.#inFlight)
      }
      // Without an end no timer either: it would keep the process alive.
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : this.clock.setTimeout(done, ms)
      this.#waiting.push(done)
    })
  }

  createExchange(body?: unknown): Exchange {
    const exchange = this.#outer.createExchange(body)
    exchange.signal = this.signal
    if (this.#own.endpointUri !== undefined) exchange.fromEndpoint = this.#own.endpointUri
    return exchange
  }

  process(exchange: Exchange): void | Promise<void> {
    exchange.guard = this.#guard
    return this.#processInside(exchange)
  }

  /** From here on the guard of the innermost scope stays: it asks those around it. */
  #processInside(exchange: Exchange): void | Promise<void> {
    if (!this.#own.accepts()) return this.#refuse(exchange)
    this.#admit(exchange)
    const outer = this.#outer
    const result = outer instanceof RouteScopeImpl ? outer.#processInside(exchange) : outer.process(exchange)
    return isThenable(result) ? result.then(this.#left, this.#leftFailed) : this.#leave()
  }

  /** The caller's own guard holds on within, and alone again afterwards. */
  call(exchange: Exchange): void | Promise<void> {
    if (!this.#own.accepts()) throw this.#notAccepting()
    const { guard } = exchange
    exchange.guard = guard === undefined ? this.#inner : both(guard, this.#inner)
    this.#admit(exchange)
    const leave = () => {
      exchange.guard = guard
      this.#leave()
    }
    let result: void | Promise<void>
    try {
      result = this.#outer.call(exchange)
    } catch (error) {
      leave()
      throw error
    }
    return isThenable(result) ? Promise.resolve(result).finally(leave) : leave()
  }

  reportError(error: unknown, doing: string): void {
    this.#outer.reportError(error, doing)
  }

  reportState(state: 'connected' | 'disconnected', reason?: unknown): void {
    this.#outer.reportState(state, reason)
  }

  reportReadiness(readiness: Readiness): void {
    this.#outer.reportReadiness(readiness)
  }

  warmUp(signal: AbortSignal): void | Promise<void> {
    return this.#outer.warmUp(signal)
  }

  takeOver(leadership: Leadership): void {
    this.#outer.takeOver(leadership)
  }

  resumePosition(signal: AbortSignal, leadership = this.#own.leadership): Promise<unknown> {
    return this.#outer.resumePosition(signal, leadership)
  }

  scope(guard: ScopeGuard): RouteScope {
    return new RouteScopeImpl(this, guard)
  }

  #hold(drain: (() => void) | undefined): () => void {
    this.#inFlight++
    if (drain) this.#keepers.add(drain)
    if (drain && this.#draining) drain()
    let held = true
    return () => {
      if (!held) return
      held = false
      if (drain) this.#keepers.delete(drain)
      this.#leave()
    }
  }

  /** When draining begins, and again when the guard has ended: what was still waited for cannot come any more. */
  #tellKeepers(): void {
    for (const drain of [...this.#keepers]) drain()
  }

  #admit(exchange: Exchange): void {
    this.#own.prepare?.(exchange)
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

const both = (one: ExchangeGuard, other: ExchangeGuard): ExchangeGuard => ({
  leadership: other.leadership ?? one.leadership,
  accepts: () => one.accepts() && other.accepts(),
  isValid: () => one.isValid() && other.isValid(),
  hold: drain => {
    const releases = [one.hold?.(drain), other.hold?.(drain)]
    return () => {
      for (const release of releases) release?.()
    }
  },
})
