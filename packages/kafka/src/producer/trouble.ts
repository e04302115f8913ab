import { type Clock, formatDuration, type Logger } from '@dromedary/core/component'

/** A fault that is over sooner, such as another leader for a partition, is not worth a line. */
const GRACE_MS = 1_000

/** Says once that the brokers cannot be written to, and once that they can again. */
export class Trouble {
  readonly #clock: Clock
  readonly #log: Logger
  /** Monotonic time of the first failure after the last success. */
  #since: number | undefined
  #isSaid = false

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  failed(what: string, waiting: number): void {
    const now = this.#clock.monotonic()
    this.#since ??= now
    if (this.#isSaid || now - this.#since < GRACE_MS) return
    this.#isSaid = true
    const records = waiting === 0 ? '' : `, while ${waiting} records wait`
    this.#log.warn(`cannot write to Kafka: ${what}; trying again${records}`)
  }

  succeeded(): void {
    if (this.#since === undefined) return
    const ms = Math.round(this.#clock.monotonic() - this.#since)
    this.#since = undefined
    if (!this.#isSaid) return
    this.#isSaid = false
    this.#log.info(`Kafka can be written to again, after ${formatDuration(ms)}`)
  }
}
