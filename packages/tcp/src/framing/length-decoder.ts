import { ByteQueue } from './byte-queue.ts'
import type { Decoder } from './decoder.ts'
import { invalidFrame } from './invalid-frame.ts'
import type { LengthField } from './length-field.ts'

/** Frames behind a number that says how many bytes each has. */
export class LengthDecoder implements Decoder<Buffer> {
  readonly #bytes = new ByteQueue()
  readonly #field: LengthField
  readonly #longest: number
  /** Of the frame whose length has been read. */
  #length: number | undefined

  constructor(field: LengthField, longest: number) {
    this.#field = field
    this.#longest = longest
  }

  get pending(): number {
    return this.#bytes.pending + (this.#length === undefined ? 0 : this.#field.size)
  }

  push(chunk: Buffer): void {
    this.#bytes.push(chunk)
  }

  next(): Buffer | undefined {
    if (this.#length === undefined) {
      const written = this.#bytes.take(this.#field.size)
      if (written === undefined) return undefined
      const length = this.#field.read(written)
      if (length > this.#longest) {
        throw invalidFrame(`a frame says that it has ${length} bytes: that is above maxFrameLength=${this.#longest}`)
      }
      this.#length = length
    }
    const frame = this.#bytes.take(this.#length)
    if (frame !== undefined) this.#length = undefined
    return frame
  }
}
