import type { Decoder } from './decoder.ts'

/** No frames at all: each chunk as it came, however the network cut it. */
export class RawDecoder implements Decoder<Buffer> {
  readonly pending = 0
  #chunk: Buffer | undefined

  push(chunk: Buffer): void {
    this.#chunk = chunk
  }

  next(): Buffer | undefined {
    const chunk = this.#chunk
    this.#chunk = undefined
    return chunk
  }
}
