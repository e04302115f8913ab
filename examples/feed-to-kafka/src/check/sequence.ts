/** Numbers from `first` to `last`. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** Which numbers of a long sequence were seen: one bit each. */
export class Sequence {
  #bits = new Uint8Array(1 << 16)
  first = Number.POSITIVE_INFINITY
  last = 0
  size = 0

  /** False when it was there already. */
  add(n: number): boolean {
    if (this.has(n)) return false
    const at = n >>> 3
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(at + 1)))
      larger.set(this.#bits)
      this.#bits = larger
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (n & 7))
    this.size++
    this.first = Math.min(this.first, n)
    this.last = Math.max(this.last, n)
    return true
  }

  has(n: number): boolean {
    return ((this.#bits[n >>> 3] ?? 0) & (1 << (n & 7))) !== 0
  }

  /** What is missing from `first` to `last`. */
  gaps(first: number, last: number): Range[] {
    const gaps: Range[] = []
    let begin: number | undefined
    for (let n = first; n <= last; n++) {
      if (!this.has(n)) begin ??= n
      else if (begin !== undefined) {
        gaps.push({ first: begin, last: n - 1 })
        begin = undefined
      }
    }
    if (begin !== undefined) gaps.push({ first: begin, last })
    return gaps
  }
}
