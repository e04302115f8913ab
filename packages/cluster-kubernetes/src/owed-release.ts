import type { Clock } from '@dromedary/core'
import type { LeaseWriter } from './lease-writer.ts'

export interface OwedReleaseOptions {
  readonly clock: Clock
  readonly leaseMs: number
  readonly writer: LeaseWriter
}

/**
 * A term that is over, of which the Lease still has to be told: tried until the server has taken it, or until the lease
 * has expired for everybody who waits, so that it spares nobody anything.
 */
export class OwedRelease {
  readonly #options: OwedReleaseOptions
  #owed: { readonly term: bigint; readonly reason: string; readonly until: number } | undefined

  constructor(options: OwedReleaseOptions) {
    this.#options = options
  }

  /** Something is owed. */
  get isDue(): boolean {
    return this.#owed !== undefined
  }

  /** Something is owed, or may turn out to be: an acquiring write whose answer got lost. */
  get isPossible(): boolean {
    return this.isDue || this.#options.writer.doubtful !== undefined
  }

  owe(term: bigint, reason: string): void {
    const { clock, leaseMs } = this.#options
    this.#owed = { term, reason, until: clock.monotonic() + leaseMs }
  }

  /** What was written and not answered is owed as well, now that nobody wants the term any more. */
  oweDoubtful(reason: string): void {
    const { doubtful } = this.#options.writer
    if (doubtful !== undefined && !this.#owed) this.owe(doubtful, reason)
  }

  /** Rejects when the server cannot be used; it stays owed. */
  async pay(): Promise<void> {
    const owed = this.#owed
    if (!owed) return
    await this.#options.writer.release(owed.term, owed.reason)
    if (this.#owed === owed) this.#owed = undefined
  }

  /** After a try that failed: whether another one is worth it. */
  failed(): boolean {
    const { clock, writer } = this.#options
    if (!this.#owed) return false
    if (clock.monotonic() < this.#owed.until) return true
    this.#owed = undefined
    writer.doubtful = undefined
    return false
  }
}
