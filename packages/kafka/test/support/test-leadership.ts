import type { Leadership, LossReason } from '@dromedary/core/cluster'

/** A leadership that a test steers. */
export class TestLeadership implements Leadership {
  readonly namespace = 'ns'
  readonly term: bigint
  readonly #closing = new AbortController()
  readonly #ended = new AbortController()
  readonly closing = this.#closing.signal
  readonly ended = this.#ended.signal
  readonly resigned: string[] = []
  /** What the next calls of {@link renewed} wait for. */
  renewal: Promise<boolean> = Promise.resolve(true)
  /** How often somebody asked for a fresh renewal. */
  renewals = 0

  constructor(term: bigint) {
    this.term = term
  }

  accepts = () => !this.closing.aborted
  isValid = () => !this.ended.aborted
  remainingMs = () => (this.ended.aborted ? 0 : 10_000)
  drained = () => {}
  renewed = () => {
    this.renewals++
    return this.renewal.then(yes => yes && this.isValid())
  }

  resign(reason: string): void {
    this.resigned.push(reason)
    this.close('resigned')
  }

  close(reason: LossReason): void {
    if (!this.closing.aborted) this.#closing.abort(reason)
  }

  end(reason: LossReason = 'taken'): void {
    this.close(reason)
    this.#ended.abort(reason)
  }
}
