import type { Leadership } from '@dromedary/core/cluster'
import { type Consumer, type Endpoint, NAMES, type RouteEntry, type RouteScope } from '@dromedary/core/component'

/** What runs in one term: the scope that its exchanges enter through, and the delegate's consumer. */
export class TermWork {
  readonly leadership: Leadership
  /** The delegate has started once: for the log. */
  consumes = false
  readonly #delegate: Endpoint
  readonly #entry: RouteEntry
  readonly #scope: RouteScope
  #consumer: Consumer | undefined
  #startAbort = new AbortController()
  #shut = false
  #isOver = false

  constructor(entry: RouteEntry, delegate: Endpoint, leadership: Leadership) {
    this.leadership = leadership
    this.#delegate = delegate
    this.#entry = entry
    this.#scope = entry.scope({
      signal: leadership.ended,
      endpointUri: delegate.uri,
      leadership,
      accepts: () => !this.#shut && leadership.accepts(),
      isValid: () => !this.#isOver && leadership.isValid(),
      prepare: exchange => void exchange.setProperty(NAMES.clusterTerm, leadership.term),
    })
  }

  /** Exchanges of this term that have not ended. */
  get inFlight(): number {
    return this.#scope.inFlight
  }

  /** It was lost, not given up: renewals have stopped, and what is left of the lease is all there is for draining. */
  get lost(): boolean {
    const { aborted, reason } = this.leadership.closing
    return aborted && reason !== 'stopped' && reason !== 'resigned'
  }

  /** Takes no more exchanges, whatever the leadership says. */
  shut(): void {
    this.#shut = true
  }

  /** What is left of it may send nothing more: the term may go on, and with it another delegate. */
  end(): void {
    this.#shut = true
    this.#isOver = true
  }

  /** A new consumer each time: one that failed is never started again. */
  start(): void | Promise<void> {
    this.#startAbort = new AbortController()
    this.#entry.takeOver(this.leadership)
    this.#consumer = this.#delegate.consumer?.(this.#scope.entry)
    return this.#consumer?.start(this.#startAbort.signal)
  }

  abortStart(): void {
    this.#startAbort.abort(this.leadership.closing.reason ?? 'stopped')
  }

  quiesce(): void | Promise<void> {
    return this.#consumer?.quiesce()
  }

  /** Closes the consumer that was made last, once. */
  close(forced: boolean): void | Promise<void> {
    const consumer = this.#consumer
    this.#consumer = undefined
    return consumer?.close(forced || this.inFlight > 0)
  }

  /** Resolves when nothing is in flight, at the latest after `ms`; how many are left. */
  drained(ms: number): Promise<number> {
    return this.#scope.drained(ms)
  }
}

/** At once where it has happened already. */
export function whenAborted(signal: AbortSignal, listener: () => void): void {
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener, { once: true })
}
