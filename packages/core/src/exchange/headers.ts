/**
 * Message headers: names compare without regard to case, and keep the spelling of their first setting, as in Camel.
 * A flat name/value array, because messages have few headers and an exact hit is a pointer comparison.
 */
export class Headers {
  /** No literal, for decision 16. */
  #flat: unknown[] = Array.of()

  get size(): number {
    return this.#flat.length / 2
  }

  get(name: string): unknown {
    const at = this.#indexOf(name)
    return at < 0 ? undefined : this.#flat[at + 1]
  }

  has(name: string): boolean {
    return this.#indexOf(name) >= 0
  }

  set(name: string, value: unknown): this {
    const at = this.#indexOf(name)
    if (at < 0) this.#flat.push(name, value)
    else this.#flat[at + 1] = value
    return this
  }

  /** Whether there was one. */
  delete(name: string): boolean {
    const at = this.#indexOf(name)
    if (at >= 0) this.#flat.splice(at, 2)
    return at >= 0
  }

  clear(): void {
    this.#flat = Array.of()
  }

  *entries(): IterableIterator<[name: string, value: unknown]> {
    for (let at = 0; at < this.#flat.length; at += 2) yield [this.#flat[at] as string, this.#flat[at + 1]]
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: unknown]> {
    return this.entries()
  }

  /** In the order of their setting; quicker than the iterator. */
  forEach(visit: (value: unknown, name: string) => void): void {
    const flat = this.#flat
    for (let at = 0; at < flat.length; at += 2) visit(flat[at + 1], flat[at] as string)
  }

  names(): string[] {
    return this.#flat.filter((_, at) => at % 2 === 0) as string[]
  }

  /** A shallow copy: the values are shared. */
  copy(): Headers {
    const copy = new Headers()
    copy.#flat = this.#flat.slice()
    return copy
  }

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(this.entries())
  }

  #indexOf(name: string): number {
    const flat = this.#flat
    for (let at = 0; at < flat.length; at += 2) if (flat[at] === name) return at
    for (let at = 0; at < flat.length; at += 2) if (isSame(flat[at] as string, name)) return at
    return -1
  }
}

/** Without regard to case, and without copies in lower case. From the end: many begin with the same word. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  for (let at = one.length - 1; at >= 0; at--) {
    const a = one.charCodeAt(at)
    const b = other.charCodeAt(at)
    if (a === b) continue
    if (a > 127 || b > 127) return one.toLowerCase() === other.toLowerCase()
    const letter = a | 32
    if (letter !== (b | 32) || letter < 97 || letter > 122) return false
  }
  return true
}
