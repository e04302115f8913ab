import type { Leadership } from '../cluster/contract.ts'
import type { Exchange } from '../exchange/exchange.ts'

/**
 * Keeps how far a route has got in a source that can be replayed. An endpoint may be one (`kafka:`), or a bean.
 * Camel: ResumeStrategy, whose adapters and caches have no counterpart: a position is a value that JSON can hold.
 */
export interface ResumeStrategy {
  /** A route starts that keeps its position here, also anew: nothing of it that came before goes on. Before anything else. */
  starts?(routeId: string): void
  /**
   * The position kept last; undefined where none was. In a cluster it is asked after the grant, so that whatever fences
   * the predecessor has happened before it is read. Rejects on the signal, and when it cannot be read.
   */
  load(route: ResumePlace): Promise<unknown>
  /**
   * An exchange has this position. Called synchronously in the order in which exchanges reach the step, before the
   * steps after it run. Keep it only when this exchange and all before it have ended, and have it kept before the unit
   * of work of the exchange has ended: that is what the consumer waits for.
   */
  update(exchange: Exchange, position: unknown, failures: ResumeFailures): void
  /**
   * No route uses it any more, since the context has stopped or its routes were changed: frees what it holds. Once, unless a
   * later change of routes uses it again.
   */
  close?(): void | Promise<void>
}

/** Whose position is asked for. */
export interface ResumePlace {
  readonly routeId: string
  readonly leadership: Leadership | undefined
  readonly signal: AbortSignal
}

/** What an exchange that failed, and that no error handler dealt with, does to the position: hold it, or be passed over. */
export type ResumeFailures = 'stop' | 'pass'
