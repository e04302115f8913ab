import { Observable } from 'rxjs/internal/Observable'
import { Subject } from 'rxjs/internal/Subject'
import type { Clock } from '../clock.ts'
import type { Readiness } from '../component/contract.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { RouteStatus } from './route-status.ts'

/** What happens to the context and its routes. */
export type LifecycleEvent =
  | { readonly type: 'context'; readonly status: 'starting' | 'started' | 'stopping' | 'stopped' }
  | { readonly type: 'route'; readonly routeId: string; readonly status: RouteStatus; readonly error?: unknown }
  | { readonly type: 'readiness'; readonly routeId: string; readonly readiness: Readiness }

/** What happens to exchanges. Times are milliseconds. */
export type ExchangeEvent =
  | { readonly type: 'created'; readonly exchange: Exchange; readonly routeId: string }
  | {
      readonly type: 'completed' | 'failed'
      readonly exchange: Exchange
      readonly routeId: string
      readonly tookMs: number
    }
  | {
      readonly type: 'step'
      readonly exchange: Exchange
      readonly routeId: string
      readonly stepId: string
      readonly tookMs: number
      readonly error?: unknown
    }

/** What the engine asks, and tells, of listeners. Cheap to ask: one field. */
export interface StepWatch {
  readonly active: boolean
  /** A time for {@link stepEnded}. */
  stepStarted(exchange: Exchange, stepId: string): number
  stepEnded(exchange: Exchange, stepId: string, started: number, error: unknown): void
}

/** The events of one context. Exchange events cost nothing until somebody subscribes. */
export class Events {
  readonly #lifecycle = new Subject<LifecycleEvent>()
  readonly #exchanges = new Subject<ExchangeEvent>()
  readonly #clock: Clock
  /** Whether anybody listens to exchange events. */
  active = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly lifecycle: Observable<LifecycleEvent> = new Observable(subscriber => this.#lifecycle.subscribe(subscriber))

  readonly exchanges: Observable<ExchangeEvent> = new Observable(subscriber => {
    const subscription = this.#exchanges.subscribe(subscriber)
    this.active = true
    return () => {
      subscription.unsubscribe()
      this.active = this.#exchanges.observed
    }
  })

  tell(event: LifecycleEvent): void {
    this.#lifecycle.next(event)
  }

  tellExchange(event: ExchangeEvent): void {
    this.#exchanges.next(event)
  }

  now(): number {
    return this.#clock.monotonic()
  }

  /** A route's view of it, for its pipelines. */
  watch(routeId: string): StepWatch {
    const events = this
    return {
      get active() {
        return events.active
      },
      stepStarted: () => events.now(),
      stepEnded: (exchange, stepId, started, error) => {
        const tookMs = events.now() - started
        events.tellExchange({
          type: 'step',
          exchange,
          routeId,
          stepId,
          tookMs,
          ...(error === undefined ? {} : { error }),
        })
      },
    }
  }
}
