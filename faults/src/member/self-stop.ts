type Signal = 'SIGSTOP' | 'SIGKILL'

/** Stops or kills this very process at a chosen place, such as before or after a system call, so that every gap of a protocol can be visited. */
export class SelfStop {
  /** Places until the stop; 0 when it is not armed. */
  #left = 0
  #number = 0
  #signal: Signal = 'SIGSTOP'
  #at = ''
  /** Beginning of the name of the place that fails next. */
  #failing: string | undefined
  readonly #onStop: (place: string, number: number, signal: Signal) => void

  /** `onStop` hears of the place at which the process is about to stop. */
  constructor(onStop: (place: string, number: number, signal: Signal) => void) {
    this.#onStop = onStop
  }

  /** Sends the signal at the `number`th place from now, counted from 1, of those whose names begin with `at`. */
  arm(number: number, signal: Signal, at = ''): void {
    this.#at = at
    this.#signal = signal
    this.#number = number
    this.#left = number
  }

  /** Throws at the next place whose name begins with `at`; what is armed counts from there. */
  failAt(at: string): void {
    this.#failing = at
  }

  /** To be called at each place. */
  pass(place: string): void {
    if (this.#failing !== undefined) {
      if (!place.startsWith(this.#failing)) return
      this.#failing = undefined
      throw new Error(`planted: fails ${place}`)
    }
    if (this.#left === 0 || !place.startsWith(this.#at)) return
    this.#left -= 1
    if (this.#left > 0) return
    this.#onStop(place, this.#number, this.#signal)
    process.kill(process.pid, this.#signal)
    // Another thread may take the signal a moment later: nothing may run here until it was.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25)
  }
}
