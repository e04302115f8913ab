/** What is told of a round. */
export interface Counted {
  readonly messages: number
  readonly nanoseconds: number
}

/** Counts the messages of a round, and says how long it took from the first one's beginning to the last one's end. */
export class RoundCounter {
  readonly #done: (counted: Counted) => void
  #expected = Number.POSITIVE_INFINITY
  #began = 0
  #ended = 0
  #start = 0n

  constructor(done: (counted: Counted) => void) {
    this.#done = done
  }

  expect(messages: number): void {
    this.#expected = messages
    this.#began = 0
    this.#ended = 0
  }

  began(): void {
    if (this.#began++ === 0) this.#start = process.hrtime.bigint()
  }

  ended(): void {
    if (++this.#ended !== this.#expected) return
    this.#done({ messages: this.#ended, nanoseconds: Number(process.hrtime.bigint() - this.#start) })
  }
}
