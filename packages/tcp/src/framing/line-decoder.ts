import type { Decoder } from './decoder.ts'
import type { Delimiter } from './delimiter.ts'
import type { LineEncoding } from './encodings.ts'
import { HeldBytes } from './held-bytes.ts'
import { invalidFrame } from './invalid-frame.ts'

const NOTHING: Buffer = Buffer.alloc(0)
const CARRIAGE_RETURN = 13

/** How lines are cut. */
export interface LineRules {
  readonly delimiter: Delimiter
  readonly encoding: LineEncoding
  /** Of the longest line, without its delimiter, bytes. */
  readonly longest: number
}

/** Lines of text, each ended by a delimiter, which is cut off. What stands behind the last delimiter is no line. */
export class LineDecoder implements Decoder<string> {
  readonly #rules: LineRules
  readonly #needle: number | Buffer
  readonly #size: number
  readonly #carriageReturn: boolean
  /** How much of what is held may belong to a delimiter that is not complete. */
  readonly #slack: number
  readonly #held = new HeldBytes()
  #chunk: Buffer = NOTHING
  #at = 0

  constructor(rules: LineRules) {
    const { bytes, carriageReturn } = rules.delimiter
    this.#rules = rules
    this.#needle = bytes.length === 1 ? (bytes[0] as number) : bytes
    this.#size = bytes.length
    this.#carriageReturn = carriageReturn
    this.#slack = bytes.length - 1 + (carriageReturn ? 1 : 0)
  }

  get pending(): number {
    return this.#held.length
  }

  push(chunk: Buffer): void {
    this.#chunk = chunk
    this.#at = 0
  }

  next(): string | undefined {
    const chunk = this.#chunk
    const start = this.#at
    if (this.#held.length > 0) return this.#continued()
    const found = chunk.indexOf(this.#needle as number, start)
    if (found < 0) return this.#hold()
    this.#at = found + this.#size
    return this.#text(chunk, start, found)
  }

  /** The line that an earlier chunk began. */
  #continued(): string | undefined {
    const held = this.#held.length
    const end = this.#end()
    if (end < 0) return this.#hold()
    this.#at = end + this.#size - held
    if (end > held) this.#held.add(this.#chunk, 0, end - held)
    return this.#text(this.#held.take(), 0, end)
  }

  /** How long the line is that has begun, delimiter excluded; negative while there is no delimiter. */
  #end(): number {
    const held = this.#held.length
    // The delimiter may have begun before this chunk.
    const overlap = Math.min(this.#size - 1, held)
    if (overlap > 0) {
      const seam = Buffer.concat([this.#held.tail(overlap), this.#chunk.subarray(0, this.#size - 1)])
      const found = seam.indexOf(this.#needle as Buffer)
      if (found >= 0 && found < overlap) return held - overlap + found
    }
    const found = this.#chunk.indexOf(this.#needle as number)
    return found < 0 ? -1 : held + found
  }

  #hold(): undefined {
    const chunk = this.#chunk
    if (this.#at >= chunk.length) return undefined
    // Refused before it is kept.
    if (this.#held.length + chunk.length - this.#at > this.#rules.longest + this.#slack) throw this.#tooLong()
    this.#held.add(chunk, this.#at, chunk.length)
    this.#chunk = NOTHING
    this.#at = 0
    return undefined
  }

  #text(bytes: Buffer, start: number, end: number): string {
    const stop = this.#carriageReturn && end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
    if (stop - start > this.#rules.longest) throw this.#tooLong()
    return bytes.toString(this.#rules.encoding, start, stop)
  }

  #tooLong() {
    return invalidFrame(`a line is longer than decoderMaxLineLength=${this.#rules.longest} bytes`)
  }
}
