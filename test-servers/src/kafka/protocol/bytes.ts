/** Writes the types of Kafka's protocol, in the forms that they had before versions were flexible. */
export class Writer {
  readonly #parts: Buffer[] = []

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  boolean(value: boolean): this {
    return this.#add(1, part => part.writeInt8(value ? 1 : 0))
  }

  int64(value: number): this {
    return this.#add(8, part => part.writeBigInt64BE(BigInt(value)))
  }

  int16(value: number): this {
    return this.#add(2, part => part.writeInt16BE(value))
  }

  int32(value: number): this {
    return this.#add(4, part => part.writeInt32BE(value))
  }

  string(value: string): this {
    const text = Buffer.from(value)
    this.int16(text.length)
    this.#parts.push(text)
    return this
  }

  array<T>(values: readonly T[], write: (value: T) => void): this {
    this.int32(values.length)
    for (const value of values) write(value)
    return this
  }

  #add(size: number, write: (part: Buffer) => void): this {
    const part = Buffer.alloc(size)
    write(part)
    this.#parts.push(part)
    return this
  }
}

/** Reads what {@link Writer} writes. */
export class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  boolean(): boolean {
    return this.#take(1).readInt8() !== 0
  }

  int16(): number {
    return this.#take(2).readInt16BE()
  }

  int32(): number {
    return this.#take(4).readInt32BE()
  }

  int64(): number {
    return Number(this.#take(8).readBigInt64BE())
  }

  /** Undefined stands for null. */
  string(): string | undefined {
    const length = this.int16()
    return length < 0 ? undefined : this.#take(length).toString('utf8')
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read)
  }

  #take(size: number): Buffer {
    const end = this.#at + size
    if (end > this.#bytes.length) throw new Error(`an answer of ${this.#bytes.length} bytes ends too early`)
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}
