/** How fast messages come, and how soon the first. */
export class Arrivals {
  /** `read <messages> <nanoseconds from the first to the last> <milliseconds from the start to the first>` */
  readonly line: Promise<string>
  readonly #expected: number
  readonly #tell: (line: string) => void
  #count = 0
  #start = 0n
  #first = 0n

  constructor(expected: number) {
    this.#expected = expected
    const { promise, resolve } = Promise.withResolvers<string>()
    this.line = promise
    this.#tell = resolve
  }

  start(): void {
    this.#start = process.hrtime.bigint()
  }

  add(): void {
    if (this.#count++ === 0) this.#first = process.hrtime.bigint()
    if (this.#count !== this.#expected) return
    const nanoseconds = process.hrtime.bigint() - this.#first
    this.#tell(`read ${this.#count} ${nanoseconds} ${Number(this.#first - this.#start) / 1e6}`)
  }
}
