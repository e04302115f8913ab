import { DromedaryError, formatDuration } from '@dromedary/core/component'
import type { SessionPlace, SessionSettings } from './settings.ts'

/** An outage of a session: one line when it begins, one when it ends, and how long it may take. */
export class Trouble {
  readonly #settings: SessionSettings
  readonly #place: SessionPlace
  #since: number | undefined
  #last: unknown
  #failures = 0

  constructor(settings: SessionSettings, place: SessionPlace) {
    this.#settings = settings
    this.#place = place
  }

  began(error: unknown): void {
    this.#last = error
    this.#failures++
    if (this.#since !== undefined) return
    const { clock, log, transactions } = this.#place
    this.#since = clock.monotonic()
    const what = transactions.isFenced(error)
      ? 'another producer of this id was initialised'
      : transactions.explain(error)
    log.warn(
      `${this.#settings.transactionalId} cannot write: ${what}. What is not committed is kept and written later`,
      {
        error,
      },
    )
  }

  ended(): void {
    if (this.#since === undefined) return
    this.#failures = 0
    const took = Math.round(this.#place.clock.monotonic() - this.#since)
    this.#since = undefined
    this.#last = undefined
    this.#place.log.info(`${this.#settings.transactionalId} writes again after ${formatDuration(took)}`)
  }

  /** Before the next attempt: none after the first failure, then 100 ms doubling to 5 s. */
  get backOffMs(): number {
    return this.#failures < 2 ? 0 : Math.min(5_000, 50 * 2 ** Math.min(this.#failures - 1, 10))
  }

  /** Throws `DROMEDARY_KAFKA_UNREACHABLE` when it has lasted longer than it may. */
  checkDeadline(): void {
    const { giveUpAfter, transactionalId } = this.#settings
    const { clock, transactions } = this.#place
    if (this.#since === undefined || giveUpAfter === 0) return
    if (clock.monotonic() - this.#since < giveUpAfter) return
    throw new DromedaryError(
      'DROMEDARY_KAFKA_UNREACHABLE',
      `${transactionalId} could not write for ${formatDuration(giveUpAfter)} (giveUpAfter): ${transactions.explain(this.#last)}`,
      { cause: this.#last },
    )
  }
}
