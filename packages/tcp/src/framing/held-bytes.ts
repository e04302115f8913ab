const SMALLEST = 256

/**
 * Bytes that wait for more, in one piece. Each byte is copied once into it, and at most once more on average when it
 * grows: a peer that sends byte by byte costs neither quadratic time nor a buffer object for each byte.
 */
export class HeldBytes {
  #bytes: Buffer | undefined
  /** How many there are. */
  length = 0

  /** The bytes from `start` to `end` of the chunk go to the end. */
  add(chunk: Buffer, start: number, end: number): void {
    const length = this.length + end - start
    if (this.#bytes === undefined || length > this.#bytes.length) this.#grow(length)
    chunk.copy(this.#bytes as Buffer, this.length, start, end)
    this.length = length
  }

  /** The last `count` bytes; fewer where there are fewer. */
  tail(count: number): Buffer {
    return (this.#bytes as Buffer).subarray(Math.max(0, this.length - count), this.length)
  }

  /** All of them, and holds none any more, nor memory for some. */
  take(): Buffer {
    const taken = (this.#bytes as Buffer).subarray(0, this.length)
    this.#bytes = undefined
    this.length = 0
    return taken
  }

  #grow(length: number): void {
    // Never from the shared pool: a few bytes that wait for hours would keep all of it.
    const grown = Buffer.allocUnsafeSlow(Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(length))))
    this.#bytes?.copy(grown, 0, 0, this.length)
    this.#bytes = grown
  }
}
