import type { Clock, RouteEntry } from '@dromedary/core/component'

/** A fault that is over sooner, such as another leader for a partition, is not worth a line. */
const GRACE_MS = 1_000

/** Whether the members of a consumer can read; each change is reported once. */
export class Link {
  readonly #entry: RouteEntry
  readonly #clock: Clock
  /** What does not work, and since when, monotonic. */
  readonly #troubles = new Map<string, number>()
  #state: 'connected' | 'disconnected' | undefined
  #isEnded = false

  constructor(entry: RouteEntry) {
    this.#entry = entry
    this.#clock = entry.clock
  }

  failed(what: string, reason: unknown): void {
    const now = this.#clock.monotonic()
    const since = this.#troubles.get(what) ?? now
    this.#troubles.set(what, since)
    if (now - since >= GRACE_MS) this.#tell('disconnected', reason)
  }

  works(what: string): void {
    this.#troubles.delete(what)
    if (this.#troubles.size === 0) this.#tell('connected')
  }

  /** It does not matter any more. */
  drop(what: string): void {
    if (this.#troubles.delete(what) && this.#troubles.size === 0 && this.#state === 'disconnected')
      this.#tell('connected')
  }

  /** For good: whatever still comes in says nothing. */
  ended(reason: unknown): void {
    this.#tell('disconnected', reason)
    this.#isEnded = true
  }

  #tell(state: 'connected' | 'disconnected', reason?: unknown): void {
    if (this.#isEnded || this.#state === state) return
    this.#state = state
    this.#entry.reportState(state, reason)
  }
}
