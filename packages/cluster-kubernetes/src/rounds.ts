import type { Clock } from '@dromedary/core'

export interface RoundsOptions {
  readonly clock: Clock
  /** Gives the longest time until the next, milliseconds. */
  readonly round: () => Promise<number>
  /** A round failed: gives the time until the next. Must not throw. */
  readonly failed: (error: unknown) => number
  /** Whether the wait for the next round need not keep the process alive. */
  readonly mayEnd: () => boolean
  /** Whether a loop that is to stop still has something to do. */
  readonly unfinished: () => boolean
}

/** A loop of rounds that nothing ends but {@link stop} (I4). */
export class Rounds {
  readonly #options: RoundsOptions
  #loop: Promise<void> | undefined
  #stopping = false
  #woken = false
  #wakeUp: (() => void) | undefined
  #abandoned = false

  constructor(options: RoundsOptions) {
    this.#options = options
  }

  /** False if it was started, or stopped, before. */
  start(): boolean {
    if (this.#loop || this.#stopping) return false
    this.#loop = this.#run()
    return true
  }

  /** The next round comes at once, also after one that is under way. */
  wake(): void {
    this.#woken = true
    this.#wakeUp?.()
  }

  /** Ends the wait, if there is one; the round that is under way sees for itself. */
  look(): void {
    this.#wakeUp?.()
  }

  /** Resolves when no round is under way any more, and nothing is unfinished. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.wake()
    await this.#loop
  }

  /** No other round, whatever is unfinished. */
  abandon(): void {
    this.#stopping = true
    this.#abandoned = true
    this.wake()
  }

  get #goesOn(): boolean {
    return !this.#stopping || (!this.#abandoned && this.#options.unfinished())
  }

  async #run(): Promise<void> {
    const { round, failed } = this.#options
    while (this.#goesOn) {
      this.#woken = false
      let delay: number
      try {
        delay = await round()
      } catch (error) {
        delay = failed(error)
      }
      if (this.#goesOn) await this.#sleep(delay)
    }
  }

  /** Until something happens, at most so long. */
  async #sleep(ms: number): Promise<void> {
    if (this.#woken) return
    await new Promise<void>(resolve => {
      const timer = this.#options.clock.setTimeout(resolve, ms)
      if (this.#options.mayEnd()) timer.unref()
      this.#wakeUp = () => {
        timer.cancel()
        resolve()
      }
    })
    this.#wakeUp = undefined
  }
}
