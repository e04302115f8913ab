import type { Clock } from '../clock.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ClusterHealth } from './contract.ts'

export interface HealthTrackerOptions {
  /** What cannot be used, for people: `folder of cluster namespace ns`. */
  readonly storage: string
  readonly clock: Clock
  readonly log: Logger
  /** After this long without a good round `degraded` becomes `down`, milliseconds. */
  readonly downAfterMs: number
}

/** Failed work on the storage of an election: counted, logged once per change (I4). */
export class HealthTracker {
  readonly #options: HealthTrackerOptions
  readonly #open = new Map<string, DromedaryError>()
  #failures = 0
  #since = 0
  #logged: string | undefined

  constructor(options: HealthTrackerOptions) {
    this.#options = options
  }

  /**
   * `what`: the kind of work that failed; each recovers by itself. `kind`: a word for the failure, of which a change is
   * told again; by default the code or the message of the cause.
   */
  failed(what: string, cause: unknown, kind: string = codeOf(cause) ?? messageOf(cause)): void {
    const { storage, clock, log } = this.#options
    if (this.#failures++ === 0) this.#since = clock.monotonic()
    const error = new DromedaryError(
      'DROMEDARY_CLUSTER_BACKEND',
      `The ${storage} cannot be used: ${what} failed: ${messageOf(cause)}`,
      { cause },
    )
    this.#open.set(what, error)
    const change = `${what} ${kind}`
    if (change === this.#logged) return
    this.#logged = change
    log.warn(error.message)
  }

  worked(what: string): void {
    if (!this.#open.delete(what) || this.#open.size > 0) return
    const { storage, log } = this.#options
    log.info(`the ${storage} works again, after ${this.#failures} failures`)
    this.#failures = 0
    this.#logged = undefined
  }

  get value(): ClusterHealth {
    const error = [...this.#open.values()].at(-1)
    if (!error) return { status: 'up', failures: 0 }
    const down = this.#options.clock.monotonic() - this.#since >= this.#options.downAfterMs
    return { status: down ? 'down' : 'degraded', failures: this.#failures, error }
  }
}

function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
