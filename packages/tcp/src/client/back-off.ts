import type { TcpSettings } from '../options/schema.ts'

/** How long to wait before the next attempt: longer each time, and not the same for all. */
export class BackOff {
  readonly #settings: TcpSettings
  readonly #random: () => number
  #wait: number

  constructor(settings: TcpSettings) {
    this.#settings = settings
    this.#random = settings.random ?? Math.random
    this.#wait = settings.reconnectInterval
  }

  /** Milliseconds. `livedMs`: how long the connection lasted that has ended; 0 when none was made. */
  next(livedMs: number): number {
    const { reconnectInterval, reconnectMaxInterval, reconnectBackOffMultiplier, reconnectJitter } = this.#settings
    // One that is accepted and closed at once is no better than one that is refused.
    if (livedMs >= reconnectMaxInterval) this.#wait = reconnectInterval
    const wait = this.#wait
    this.#wait = Math.min(reconnectMaxInterval, wait * reconnectBackOffMultiplier)
    return wait * (1 + reconnectJitter * (2 * this.#random() - 1))
  }
}
