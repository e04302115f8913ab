import { PULSE_MS } from './protocol.ts'

/** Between two looks; more than that the looker itself was not running. */
const LOOK_MS = 2 * PULSE_MS

/**
 * How long the application's event loop has not had a turn, judged by another thread: by when that one last saw the count
 * change, on its own clock. Time in which it did not run either, as in a process that is stopped as a whole, counts for
 * nothing: that is no blocked loop, and a restart cures nothing.
 */
export class LoopWatch {
  readonly #beats: Int32Array
  readonly #now: () => number
  #seen: number
  #looked: number
  #blockedMs = 0

  constructor(beats: Int32Array, now: () => number) {
    this.#beats = beats
    this.#now = now
    this.#seen = Atomics.load(beats, 0)
    this.#looked = now()
  }

  /** Milliseconds without a turn. To be asked at least each {@link PULSE_MS}. */
  blockedMs(): number {
    const now = this.#now()
    const passed = Math.min(now - this.#looked, LOOK_MS)
    this.#looked = now
    const seen = Atomics.load(this.#beats, 0)
    this.#blockedMs = seen === this.#seen ? this.#blockedMs + passed : 0
    this.#seen = seen
    return this.#blockedMs
  }
}
