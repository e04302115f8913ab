/** What a {@link TimerHeap} orders: by `due`, then by `order`. */
export interface HeapTimer {
  readonly due: number
  readonly order: number
  /** No longer there; taken out when it reaches the top. */
  done: boolean
}

/** A binary heap: a million timers cost twenty comparisons each. */
export class TimerHeap<T extends HeapTimer> {
  #timers: T[] = []
  #cancelled = 0

  /** Timers that are still to run. */
  get size(): number {
    return this.#timers.length - this.#cancelled
  }

  push(timer: T): void {
    const timers = this.#timers
    let at = timers.length
    timers.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(timer, timers[parent] as T)) break
      timers[at] = timers[parent] as T
      at = parent
    }
    timers[at] = timer
  }

  cancel(timer: T): void {
    if (timer.done) return
    timer.done = true
    this.#cancelled++
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#timers.length) this.#compact()
  }

  /** The first to run, if it is due by then. */
  peek(): T | undefined {
    for (;;) {
      const first = this.#timers[0]
      if (!first?.done) return first
      this.#removeFirst()
      this.#cancelled--
    }
  }

  /** Takes out what {@link peek} returned. */
  shift(): T | undefined {
    const first = this.peek()
    if (first) {
      this.#removeFirst()
      first.done = true
    }
    return first
  }

  #removeFirst(): void {
    const timers = this.#timers
    const last = timers.pop() as T
    const size = timers.length
    if (size === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && before(timers[child + 1] as T, timers[child] as T)) child++
      if (!before(timers[child] as T, last)) break
      timers[at] = timers[child] as T
      at = child
    }
    timers[at] = last
  }

  /** A sorted array is a heap. */
  #compact(): void {
    this.#timers = this.#timers.filter(timer => !timer.done).sort((a, b) => (before(a, b) ? -1 : 1))
    this.#cancelled = 0
  }
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.due === b.due ? a.order < b.order : a.due < b.due
}
