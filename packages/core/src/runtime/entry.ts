import type { Leadership } from '../cluster/contract.ts'
import type { ContextView, Producer, Readiness, RouteEntry, RouteScope, ScopeGuard } from '../component/contract.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import { Exchange, NEVER } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import { Detached } from './detached.ts'
import { EntryLine } from './entry-line.ts'
import type { EntryPlace, RouteStatistics } from './entry-place.ts'
import type { Events } from './events.ts'
import type { FailureCounts, MeteredRoute, RouteMeter } from './meter.ts'
import { RouteScopeImpl } from './scope.ts'
import { CALL_LIMIT, STACK_LIMIT } from './stack.ts'
import { attempt, isThenable } from './thenable.ts'
import { type Place, UnderWay } from './under-way.ts'

/** The gate of a route: lets exchanges in while open, counts them, ends them exactly once. */
export class Entry implements RouteEntry {
  readonly routeId: string
  readonly context: ContextView
  readonly log: Logger
  readonly #place: EntryPlace
  readonly #line: EntryLine
  readonly #events: Events
  readonly #meter: RouteMeter | undefined
  readonly #failures: FailureCounts
  /** Exchanges that went asynchronous: any that is under way while other code runs is one of them. */
  readonly #underWay = new UnderWay()
  #abort = new AbortController()
  /** Of the controller, whose getter costs more than a field. */
  #signal = this.#abort.signal
  /** What steps of the route run beside it. */
  readonly detached: Detached
  /** Which exchange is timed next; none without a meter. Compared with each, so it is a field of its own. */
  #due = 0
  #total = 0
  #failed = 0
  #inFlight = 0
  #idle: (() => void) | undefined
  /** Whether new exchanges may enter. */
  open = false
  /** It is being emptied: only routes may still call, which may have to, to get empty themselves. */
  draining = false

  constructor(place: EntryPlace) {
    this.#place = place
    this.routeId = place.routeId
    this.context = place.context
    this.log = place.log
    // A route that is deeper than the limit is called from a fresh stack, once.
    this.#line = new EntryLine(place.run, Math.min(place.weight, STACK_LIMIT))
    this.#events = place.events
    this.#meter = place.meter?.route(place.routeId, this.#metered())
    if (this.#meter !== undefined) this.#due = 1
    this.#failures = place.failures
    this.detached = new Detached(place)
  }

  get clock() {
    return this.context.clock
  }

  get signal(): AbortSignal {
    return this.#signal
  }

  get statistics(): RouteStatistics {
    return {
      total: this.#total,
      completed: this.#total - this.#failed - this.#inFlight,
      failed: this.#failed,
      inFlight: this.inFlight,
      failuresHandled: this.#failures.handled,
      redeliveries: this.#failures.redeliveries,
    }
  }

  /** With what runs beside the route. */
  get inFlight(): number {
    return this.#inFlight + this.detached.count
  }

  /** For messages about what is still running: exchange and step. */
  get running(): string[] {
    return [...this.#underWay.exchanges, ...this.detached.running].map(
      exchange => `${exchange.id} at ${exchange.suspendedAt ?? 'its end'}`,
    )
  }

  /** A fresh signal, for a route that starts again after it was forced to end. */
  rearm(): void {
    this.#place.position?.begin()
    if (!this.#signal.aborted) return
    this.#abort = new AbortController()
    this.#signal = this.#abort.signal
  }

  abort(reason: DromedaryError): void {
    this.#abort.abort(reason)
  }

  /** Resolves when nothing is in flight any more, nor beside the route. */
  async idle(): Promise<void> {
    while (this.inFlight > 0) {
      if (this.#inFlight > 0) await this.#drained()
      await this.detached.idle()
    }
  }

  #drained(): Promise<void> {
    return new Promise(resolve => {
      const before = this.#idle
      this.#idle = () => {
        before?.()
        resolve()
      }
    })
  }

  createExchange(body: unknown = null): Exchange {
    const exchange = new Exchange(this.#place.services, body, this.routeId, this.#place.endpointUri)
    exchange.signal = this.#signal
    return exchange
  }

  process(exchange: Exchange): void | Promise<void> {
    if (!this.open) return this.refuse(exchange)
    this.#inFlight++
    this.#total++
    if (this.#total === this.#due) return this.#timed(exchange, this.#meter as RouteMeter)
    return this.#admitted(exchange)
  }

  #admitted(exchange: Exchange): void | Promise<void> {
    if (this.#events.active) return this.#watched(exchange)
    try {
      const result = this.#enter(exchange)
      if (result !== undefined && isThenable(result)) return this.#later(exchange, result)
    } catch (error) {
      this.#unhandled(exchange, error)
    }
    return this.#end(exchange)
  }

  call(exchange: Exchange): void | Promise<void> {
    if (!this.open) throw this.#notAccepting()
    if (exchange.openCalls > CALL_LIMIT) throw tooDeep(this.routeId)
    if (exchange.signal === NEVER) {
      if (this.draining) throw this.#notAccepting()
      // One that came from outside any route must end by force like the others.
      exchange.signal = this.#signal
    }
    exchange.openCalls++
    this.#inFlight++
    this.#total++
    if (this.#total === this.#due) return this.#timedCall(exchange, this.#meter as RouteMeter)
    return this.#called(exchange)
  }

  #called(exchange: Exchange): void | Promise<void> {
    let result: unknown
    try {
      result = this.#enter(exchange)
    } catch (error) {
      this.#returned(exchange, true)
      throw error
    }
    if (result === undefined || !isThenable(result)) return this.#returned(exchange, exchange.failed)
    return (result as Promise<void>).then(
      () => this.#returned(exchange, exchange.failed),
      error => {
        this.#returned(exchange, true)
        throw error
      },
    )
  }

  reportError(error: unknown, doing: string): void {
    this.log.error(`${doing}: ${messageOf(error)}`, { error })
  }

  reportState(state: 'connected' | 'disconnected', reason?: unknown): void {
    this.#place.onState(state, reason)
  }

  reportReadiness(readiness: Readiness): void {
    this.#place.onReadiness(readiness)
  }

  warmUp(signal: AbortSignal): void | Promise<void> {
    // One that throws leaves none of the others unwatched.
    const warmed = (producer: Producer) =>
      attempt(
        () => producer.warmUp?.(signal),
        error => Promise.reject(error),
      )
    const pending = [...this.#place.producers].map(warmed).filter(isThenable)
    if (pending.length > 0) return Promise.all(pending).then(() => {})
  }

  takeOver(leadership: Leadership): void {
    const { routeId } = this
    for (const producer of this.#place.producers) producer.takeOver?.({ routeId, leadership })
  }

  async resumePosition(signal: AbortSignal, leadership?: Leadership): Promise<unknown> {
    return this.#place.position?.load(leadership, signal)
  }

  scope(guard: ScopeGuard): RouteScope {
    return new RouteScopeImpl(this, guard)
  }

  /** Fails an exchange that may not enter. */
  refuse(exchange: Exchange): void | Promise<void> {
    exchange.fail(this.#notAccepting())
    return this.context.complete(exchange)
  }

  #notAccepting(): DromedaryError {
    return new DromedaryError(
      'DROMEDARY_NOT_ACCEPTING',
      `route ${this.routeId} takes no exchanges now: it is not running`,
    )
  }

  #timed(exchange: Exchange, meter: RouteMeter): void | Promise<void> {
    const took = this.#begins(meter)
    const pending = this.#admitted(exchange)
    return pending === undefined ? took() : pending.then(took)
  }

  #timedCall(exchange: Exchange, meter: RouteMeter): void | Promise<void> {
    const took = this.#begins(meter)
    let pending: void | Promise<void>
    try {
      pending = this.#called(exchange)
    } catch (error) {
      took()
      throw error
    }
    return pending === undefined ? took() : pending.finally(took)
  }

  #metered(): MeteredRoute {
    const entered = () => this.#total
    const underWay = () => this.#inFlight
    const statistics = () => this.statistics
    return {
      get entered() {
        return entered()
      },
      get underWay() {
        return underWay()
      },
      get statistics() {
        return statistics()
      },
      timeNext: () => {
        this.#due = this.#total + 1
      },
    }
  }

  #begins(meter: RouteMeter): () => void {
    const { clock } = this
    const standsFor = meter.begins(this.#total)
    this.#due = meter.due
    const started = clock.monotonic()
    return () => meter.took(clock.monotonic() - started, standsFor)
  }

  #enter(exchange: Exchange): unknown {
    return this.#line.enter(exchange)
  }

  #later(exchange: Exchange, result: PromiseLike<unknown>): Promise<void> {
    const place = this.#underWay.add(exchange)
    return Promise.resolve(result).then(
      () => this.#over(place),
      error => {
        this.#unhandled(exchange, error)
        return this.#over(place)
      },
    )
  }

  #over(place: Place): void | Promise<void> {
    const { exchange } = place
    exchange.suspendedAt = undefined
    const ended = this.#end(exchange)
    if (ended === undefined) this.#underWay.remove(place)
    else return ended.then(() => this.#underWay.remove(place))
  }

  async #watched(exchange: Exchange): Promise<void> {
    const { routeId } = this
    const started = this.#events.now()
    this.#events.tellExchange({ type: 'created', exchange, routeId })
    await this.#later(
      exchange,
      Promise.resolve().then(() => this.#enter(exchange)),
    )
    const tookMs = this.#events.now() - started
    this.#events.tellExchange({ type: exchange.failed ? 'failed' : 'completed', exchange, routeId, tookMs })
  }

  /** A route without an error handler, and a consumer that cannot pass the failure on. */
  #unhandled(exchange: Exchange, error: unknown): void {
    exchange.fail(error)
    this.reportError(error, `exchange ${exchange.id} failed`)
  }

  #end(exchange: Exchange): void | Promise<void> {
    const { failed } = exchange
    if (!exchange.hasUnitOfWork) return this.#leave(failed)
    const ended = this.context.complete(exchange)
    if (!isThenable(ended)) return this.#leave(failed)
    const leave = () => this.#leave(failed)
    return Promise.resolve(ended).then(leave, leave)
  }

  #returned(exchange: Exchange, failed: boolean): void {
    exchange.openCalls--
    this.#leave(failed)
  }

  #leave(failed: boolean): void {
    if (failed) this.#failed++
    if (--this.#inFlight === 0 && this.#idle !== undefined) {
      const idle = this.#idle
      this.#idle = undefined
      idle()
    }
  }
}

const tooDeep = (routeId: string) =>
  new DromedaryError(
    'DROMEDARY_CALLS_TOO_DEEP',
    `more than ${CALL_LIMIT} calls from route to route are open, the last one to ${routeId}: look for a route that calls itself`,
  )
