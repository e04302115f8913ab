/** How much may wait to be written at a time. */
export interface RoomLimits {
  readonly records: number
  readonly bytes: number
}

interface Waiter {
  readonly records: number
  readonly bytes: number
  /** Turns of the deadline clock at which it came. */
  readonly since: number
  readonly enter: () => void
  readonly refuse: (error: unknown) => void
}

/** Lets in what there is room for, and the others in their order, as others leave: so that an outage cannot fill the memory. */
export class Room {
  readonly #limits: RoomLimits
  #records = 0
  #bytes = 0
  #waiting: Waiter[] = []

  constructor(limits: RoomLimits) {
    this.#limits = limits
  }

  /** Nothing is inside, and nobody waits. */
  get isEmpty(): boolean {
    return this.#records === 0 && this.#waiting.length === 0
  }

  /** Records inside. */
  get records(): number {
    return this.#records
  }

  /** Whether it went in; if not, call {@link wait}. */
  tryEnter(records: number, bytes: number): boolean {
    if (this.#waiting.length > 0 || !this.#fits(records, bytes)) return false
    this.#records += records
    this.#bytes += bytes
    return true
  }

  /** Resolves when it is in. */
  wait(records: number, bytes: number, since: number): Promise<void> {
    return new Promise((enter, refuse) => {
      this.#waiting.push({ records, bytes, since, enter, refuse })
    })
  }

  leave(records: number, bytes: number): void {
    this.#records -= records
    this.#bytes -= bytes
    while (this.#waiting.length > 0) {
      const [first] = this.#waiting
      if (first === undefined || !this.#fits(first.records, first.bytes)) return
      this.#waiting.shift()
      this.#records += first.records
      this.#bytes += first.bytes
      first.enter()
    }
  }

  /** Refuses those that have waited since before this turn. */
  expire(before: number, error: () => unknown): void {
    while (true) {
      const [first] = this.#waiting
      if (first === undefined || first.since >= before) return
      this.#waiting.shift()
      first.refuse(error())
    }
  }

  /** What is larger than the whole room goes in alone. */
  #fits(records: number, bytes: number): boolean {
    if (this.#records === 0) return true
    return this.#records + records <= this.#limits.records && this.#bytes + bytes <= this.#limits.bytes
  }
}
