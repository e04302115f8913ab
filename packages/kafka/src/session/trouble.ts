import { type ClockTimer, DromedaryError, formatDuration } from '@dromedary/core/component'
import type { SessionPlace, SessionSettings } from './settings.ts'
import { onAbort } from './standing.ts'

/**
 * An outage of a session: one line when it is noticed, one when it ends. How long it may take counts from the request that
 * is not answered, not from when that is known.
 */
export class Trouble {
  readonly #settings: SessionSettings
  readonly #place: SessionPlace
  #since: number | undefined
  #last: unknown
  #failures = 0
  #asked: number | undefined
  #deadline: ClockTimer | undefined
  readonly #tooLong = Promise.withResolvers<never>()

  /** `over`: of the session, which waits for nothing afterwards. */
  constructor(settings: SessionSettings, place: SessionPlace, over: AbortSignal) {
    this.#settings = settings
    this.#place = place
    this.#tooLong.promise.catch(() => {})
    onAbort(over, () => this.#deadline?.cancel())
  }

  /** Rejects with `DROMEDARY_KAFKA_UNREACHABLE` when an outage has lasted longer than it may, whatever is under way then. */
  get tooLong(): Promise<never> {
    return this.#tooLong.promise
  }

  /** The brokers are asked for something. Rejects as that does. */
  async asking<T>(request: () => Promise<T>): Promise<T> {
    this.#watch()
    const answer = await request()
    if (this.#failures === 0) this.#unwatch()
    return answer
  }

  began(error: unknown): void {
    this.#watch()
    this.#last = error
    this.#failures++
    if (this.#since !== undefined) return
    const { log, transactions } = this.#place
    this.#since = this.#asked
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
    this.#unwatch()
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

  #watch(): void {
    if (this.#asked !== undefined) return
    const { clock } = this.#place
    const { giveUpAfter } = this.#settings
    this.#asked = clock.monotonic()
    if (giveUpAfter > 0) this.#deadline = clock.setTimeout(() => this.#tooLong.reject(this.#unreachable()), giveUpAfter)
  }

  #unwatch(): void {
    this.#asked = undefined
    this.#deadline?.cancel()
  }

  #unreachable(): DromedaryError {
    const { giveUpAfter, transactionalId } = this.#settings
    const last = this.#last === undefined ? 'the brokers do not answer' : this.#place.transactions.explain(this.#last)
    const why = `${transactionalId} could not write for ${formatDuration(giveUpAfter)} (giveUpAfter): ${last}`
    return new DromedaryError('DROMEDARY_KAFKA_UNREACHABLE', why, { cause: this.#last })
  }
}
