import type { Exchange } from '../../exchange/exchange.ts'

/** How many exchanges are kept; -1: no limit. */
export interface Retention {
  readonly retainFirst: number
  readonly retainLast: number
}

/** The exchanges that a mock endpoint was sent: all are counted, and the first and last few kept where it is limited. */
export class Received {
  #kept: Exchange[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  get kept(): readonly Exchange[] {
    return this.#kept
  }

  add(exchange: Exchange, { retainFirst, retainLast }: Retention): void {
    this.#count++
    if ((retainFirst < 0 && retainLast < 0) || this.#count <= retainFirst) {
      this.#kept.push(exchange)
    } else if (retainLast > 0) {
      this.#kept.push(exchange)
      const first = Math.max(0, retainFirst)
      if (this.#kept.length > first + retainLast) this.#kept.splice(first, 1)
    }
  }

  clear(): void {
    this.#kept = []
    this.#count = 0
  }
}
