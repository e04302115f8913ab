import type { Decoder } from '../framing/decoder.ts'

/**
 * What a connection has read and not handed in, cut into frames one by one, one ahead of the route: also while that is
 * full it must be known whether anything is left.
 */
export class Inbox {
  readonly #decoder: Decoder
  /** The decoder may have frames. */
  #loaded = false
  #ahead: unknown
  /** Came while the decoder had frames still. */
  #rest: Buffer | undefined

  constructor(decoder: Decoder) {
    this.#decoder = decoder
  }

  push(chunk: Buffer): void {
    if (this.#loaded) this.#rest = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    else this.#decoder.push(chunk)
    this.#loaded = true
  }

  /** Whether there is a whole frame, once it has looked. Throws for bytes that can become none. */
  hasFrame(): boolean {
    while (this.#loaded && this.#ahead === undefined) {
      this.#ahead = this.#decoder.next()
      if (this.#ahead !== undefined) break
      const rest = this.#rest
      this.#rest = undefined
      if (rest === undefined) this.#loaded = false
      else this.#decoder.push(rest)
    }
    return this.#ahead !== undefined
  }

  /** The frame that there is. */
  take(): unknown {
    const frame = this.#ahead
    this.#ahead = undefined
    return frame
  }

  /** Whether a frame has begun and not ended. Only when there is no whole one. */
  get isWithinFrame(): boolean {
    return this.#decoder.pending > 0
  }

  /** Nothing of it is wanted any more. */
  clear(): void {
    this.#loaded = false
    this.#ahead = undefined
    this.#rest = undefined
  }
}
