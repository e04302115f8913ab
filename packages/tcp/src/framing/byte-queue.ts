import { HeldBytes } from './held-bytes.ts'

const NOTHING: Buffer = Buffer.alloc(0)
/** A frame that is less than this part of its chunk is copied: kept for long, it would keep the whole chunk. */
const SMALL_PART = 4

/** Chunks go in, pieces of a known length come out; most of them without being copied. */
export class ByteQueue {
  readonly #held = new HeldBytes()
  #chunk: Buffer = NOTHING
  #at = 0

  /** Bytes of a piece that is not complete. */
  get pending(): number {
    return this.#held.length
  }

  push(chunk: Buffer): void {
    this.#chunk = chunk
    this.#at = 0
  }

  /** The next `count` bytes, for the caller to keep; undefined, and they are held, while there are fewer. */
  take(count: number): Buffer | undefined {
    const start = this.#at
    const end = start + count - this.#held.length
    if (end > this.#chunk.length) return this.#hold()
    this.#at = end
    if (this.#held.length === 0) return this.#piece(start, end)
    this.#held.add(this.#chunk, start, end)
    return this.#held.take()
  }

  #piece(start: number, end: number): Buffer {
    if ((end - start) * SMALL_PART >= this.#chunk.length) return this.#chunk.subarray(start, end)
    // Not from the pool, which is as large as a chunk.
    const copy = Buffer.allocUnsafeSlow(end - start)
    this.#chunk.copy(copy, 0, start, end)
    return copy
  }

  #hold(): undefined {
    if (this.#at < this.#chunk.length) this.#held.add(this.#chunk, this.#at, this.#chunk.length)
    this.#chunk = NOTHING
    this.#at = 0
    return undefined
  }
}
