import { DromedaryError } from '@dromedary/core/component'
import type { Ledger } from './ledger.ts'
import type { SessionPlace, SessionSettings } from './settings.ts'

/** A pause is not shorter when the term closes. */
const SHORT_MS = 100

/** Whether a session may go on, and how it waits: each wait ends when it may not. */
export class Standing {
  readonly #settings: SessionSettings
  readonly #place: SessionPlace
  readonly #ledger: Ledger
  readonly #end = new AbortController()
  #over: DromedaryError | undefined
  #isClosing = false

  constructor(settings: SessionSettings, place: SessionPlace, ledger: Ledger) {
    this.#settings = settings
    this.#place = place
    this.#ledger = ledger
    const { leadership } = place
    if (leadership) onAbort(leadership.closing, () => ledger.wake())
  }

  get over(): DromedaryError | undefined {
    return this.#over
  }

  /** Aborts at the end. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** Nothing new comes: what is there is written at once. */
  get isClosing(): boolean {
    return this.#isClosing || this.#place.leadership?.closing.aborted === true
  }

  close(): void {
    this.#isClosing = true
    this.#ledger.wake()
  }

  /** False when it was over already. */
  end(error: DromedaryError): boolean {
    if (this.#over) return false
    this.#over = error
    this.#end.abort(error)
    this.#ledger.wake()
    return true
  }

  /** I2: asked before everything that is sent. Throws when the session is over, or its leadership is. */
  check(): void {
    if (this.#over) throw this.#over
    const { leadership } = this.#place
    if (leadership && !leadership.isValid()) throw notLeader(this.#settings.transactionalId)
  }

  /** Resolves when it holds, is looked at again whenever an exchange ends, and after `ms`. Throws as {@link check}. */
  async until(holds: () => boolean, ms?: number): Promise<void> {
    const { clock } = this.#place
    const end = ms === undefined ? undefined : clock.monotonic() + ms
    while (!this.#over && !holds() && (end === undefined || clock.monotonic() < end)) {
      await new Promise<void>(resolve => {
        const timer = end === undefined ? undefined : clock.setTimeout(resolve, Math.max(1, end - clock.monotonic()))
        this.#ledger.onChange(() => {
          timer?.cancel()
          resolve()
        })
      })
    }
    this.check()
  }

  /** Waits, shorter when the term closes, and then for proof that this member still leads. Throws when it does not. */
  async renewed(pauseMs: number): Promise<void> {
    const { leadership } = this.#place
    await this.until(() => this.isClosing, Math.max(0, pauseMs - SHORT_MS))
    await this.until(() => false, Math.min(pauseMs, SHORT_MS))
    if (leadership && !(await leadership.renewed())) throw notLeader(this.#settings.transactionalId)
    this.check()
  }
}

export const notLeader = (transactionalId: string) =>
  new DromedaryError(
    'DROMEDARY_NOT_LEADER',
    `what was not committed of ${transactionalId} is dropped: this member does not lead any more`,
  )

export function onAbort(signal: AbortSignal, listener: () => void): void {
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener, { once: true })
}
