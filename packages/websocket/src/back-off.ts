import type { WebsocketSettings } from './options.ts'

/** The options that it goes by. */
export type BackOffPlan = Pick<
  WebsocketSettings,
  | 'maxReconnectAttempts'
  | 'reconnectInitialDelay'
  | 'reconnectBackOffMultiplier'
  | 'reconnectMaxDelay'
  | 'reconnectJitter'
  | 'reconnectInterval'
>

/** How long to wait before each attempt to connect again: longer each time, and by chance a little more or less. */
export class BackOff {
  readonly #plan: BackOffPlan
  readonly #random: () => number
  #attempts = 0
  #last = 0

  /** `random` gives 0 ≤ x < 1. */
  constructor(plan: BackOffPlan, random: () => number) {
    this.#plan = plan
    this.#random = random
  }

  /** Attempts in a row, whose number may be limited. */
  get attempts(): number {
    return this.#attempts
  }

  get isExhausted(): boolean {
    const { maxReconnectAttempts } = this.#plan
    return maxReconnectAttempts > 0 && this.#attempts >= maxReconnectAttempts
  }

  /** Milliseconds until the next attempt, which it counts. */
  next(): number {
    const { reconnectInitialDelay, reconnectBackOffMultiplier, reconnectMaxDelay, reconnectInterval } = this.#plan
    const grown = reconnectInitialDelay * reconnectBackOffMultiplier ** this.#attempts
    const planned = reconnectInterval ?? Math.min(grown, reconnectMaxDelay)
    this.#attempts++
    this.#last = planned * (1 + this.#plan.reconnectJitter * (2 * this.#random() - 1))
    return this.#last
  }

  /**
   * A connection lived for so long. One that outlived the wait before it is a success, and the next wait is short again;
   * else a server that takes connections and drops them would be called ten times a second for ever.
   */
  lived(ms: number): void {
    if (ms > this.#last) this.#attempts = 0
  }
}
