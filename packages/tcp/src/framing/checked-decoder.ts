import type { Codec, Decoder } from './decoder.ts'
import { invalidFrame } from './invalid-frame.ts'

/** A decoder that the application wrote, held to what it says that it keeps: it must not wait for ever while it grows. */
export class CheckedDecoder implements Decoder {
  readonly #decoder: Decoder
  readonly #longest: number

  constructor(codec: Codec, longest: number) {
    this.#decoder = codec.decoder()
    this.#longest = longest
  }

  get pending(): number {
    return this.#decoder.pending
  }

  push(chunk: Buffer): void {
    this.#decoder.push(chunk)
  }

  next(): unknown {
    const frame = this.#decoder.next()
    // Also for one that does not say how much it holds.
    if (frame === undefined && !(this.#decoder.pending <= this.#longest)) {
      throw invalidFrame(
        `the decoder of the codec holds more, or does not say that it holds less, than maxFrameLength=${this.#longest} bytes`,
      )
    }
    return frame
  }
}
