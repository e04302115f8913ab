import { ByteQueue } from './byte-queue.ts'
import type { Decoder } from './decoder.ts'

/** Frames of one length. */
export class FixedDecoder implements Decoder<Buffer> {
  readonly #bytes = new ByteQueue()
  readonly #length: number

  constructor(length: number) {
    this.#length = length
  }

  get pending(): number {
    return this.#bytes.pending
  }

  push(chunk: Buffer): void {
    this.#bytes.push(chunk)
  }

  next(): Buffer | undefined {
    return this.#bytes.take(this.#length)
  }
}
