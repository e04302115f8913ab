/** Offsets of what has begun and is not done; few, and about in order. */
export class OpenOffsets {
  readonly #offsets: number[] = []

  begin(offset: number): void {
    this.#offsets.push(offset)
  }

  done(offset: number): void {
    const offsets = this.#offsets
    if (offsets[offsets.length - 1] === offset) offsets.pop()
    else offsets.splice(offsets.indexOf(offset), 1)
  }

  /** The first of them, or where what has not begun begins. */
  first(next: number): number {
    let first = next
    for (const offset of this.#offsets) if (offset < first) first = offset
    return first
  }
}
