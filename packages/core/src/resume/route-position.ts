import type { Leadership } from '../cluster/contract.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { ResumeFailures, ResumeStrategy } from './strategy.ts'

/** One may keep the positions of several routes: the last one to close closes it. */
const users = new WeakMap<ResumeStrategy, number>()

/** How far one route has got: what its `resumable` step saw last, or else what was kept. */
export class RoutePosition {
  readonly #routeId: string
  readonly #strategy: ResumeStrategy
  readonly #failures: ResumeFailures
  #latest: unknown
  /** The term that saw it: another one reads what was kept, since what this one saw may never have been. */
  #leadership: Leadership | undefined
  /** It counts among the users of the strategy. */
  #isUser = false

  constructor(routeId: string, strategy: ResumeStrategy, failures: ResumeFailures) {
    this.#routeId = routeId
    this.#strategy = strategy
    this.#failures = failures
  }

  /** The route is one of the context's, or starts. One that was only built has used nothing. */
  use(): void {
    if (this.#isUser) return
    this.#isUser = true
    users.set(this.#strategy, (users.get(this.#strategy) ?? 0) + 1)
  }

  reached(exchange: Exchange, position: unknown): void {
    this.#strategy.update(exchange, position, this.#failures)
    this.#latest = position
    this.#leadership = exchange.guard?.leadership
  }

  async load(leadership: Leadership | undefined, signal: AbortSignal): Promise<unknown> {
    if (this.#latest !== undefined && this.#leadership === leadership) return this.#latest
    this.#latest = undefined
    return this.#strategy.load({ routeId: this.#routeId, leadership, signal })
  }

  /** The route is gone. */
  async close(): Promise<void> {
    if (!this.#isUser) return
    this.#isUser = false
    const left = (users.get(this.#strategy) ?? 1) - 1
    users.set(this.#strategy, left)
    if (left === 0) await this.#strategy.close?.()
  }

  /** The route starts anew: only what was kept counts. */
  begin(): void {
    this.use()
    this.#latest = undefined
    this.#leadership = undefined
    this.#strategy.starts?.(this.#routeId)
  }
}
