import type { IdempotentRepository } from '@dromedary/core'

/** What a repository may not be able to do. */
export type IdempotentClaim =
  /** It has `clear()`. */
  | 'clear'
  /** Confirmed keys outlive the process: {@link IdempotentFixture.another} sees them after the first one has stopped. */
  | 'persistent'
  /** Several members use one store at once: {@link IdempotentFixture.another} sees keys while the first one runs. */
  | 'shared'

/** One repository with a store of its own, for one case. */
export interface IdempotentFixture {
  /** Not started. */
  readonly repository: IdempotentRepository
  /** A second one on the same store, as another process would open it. Not started. Needed by `persistent` and `shared`. */
  another?(): IdempotentRepository | Promise<IdempotentRepository>
  /** What one member wrote, others see within this, milliseconds. Default 5,000. */
  readonly withinMs?: number
  /** What it holds open: connections, files, timers. 0 after `stop()`. */
  held?(): number
  dispose?(): void | Promise<void>
}
