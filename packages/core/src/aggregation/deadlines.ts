import type { Clock, ClockTimer } from '../clock.ts'

interface Entry {
  readonly key: string
  readonly due: number
}

/** One deadline per key, on one timer. Setting one again, which each message of a group does, costs no timer. */
export class Deadlines {
  readonly #clock: Clock
  readonly #expired: (keys: readonly string[]) => void
  readonly #due = new Map<string, number>()
  /** A heap by time; entries of deadlines that have moved on are put right when they come up. */
  readonly #heap: Entry[] = []
  #timer: ClockTimer | undefined
  #timerDue = Number.POSITIVE_INFINITY

  constructor(clock: Clock, expired: (keys: readonly string[]) => void) {
    this.#clock = clock
    this.#expired = expired
  }

  has(key: string): boolean {
    return this.#due.has(key)
  }

  set(key: string, ms: number): void {
    const due = this.#clock.monotonic() + ms
    const before = this.#due.get(key)
    this.#due.set(key, due)
    if (before === undefined || due < before) this.#push({ key, due })
    if (due < this.#timerDue) this.#arm()
  }

  delete(key: string): void {
    this.#due.delete(key)
    if (this.#due.size === 0) this.clear()
    else if (this.#heap.length > 64 && this.#heap.length > 2 * this.#due.size) this.#rebuild()
  }

  clear(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerDue = Number.POSITIVE_INFINITY
    this.#heap.length = 0
    this.#due.clear()
  }

  /** Without the entries of keys that are gone. */
  #rebuild(): void {
    this.#heap.length = 0
    for (const [key, due] of this.#due) this.#push({ key, due })
    this.#timer?.cancel()
    this.#timerDue = Number.POSITIVE_INFINITY
    this.#arm()
  }

  #fire(): void {
    this.#timer = undefined
    this.#timerDue = Number.POSITIVE_INFINITY
    const now = this.#clock.monotonic()
    const expired: string[] = []
    for (let top = this.#heap[0]; top !== undefined && top.due <= now; top = this.#heap[0]) {
      this.#pop()
      const due = this.#due.get(top.key)
      if (due === undefined) continue
      if (due > now) this.#push({ key: top.key, due })
      else {
        this.#due.delete(top.key)
        expired.push(top.key)
      }
    }
    this.#arm()
    if (expired.length > 0) this.#expired(expired)
  }

  #arm(): void {
    const [top] = this.#heap
    if (top === undefined || top.due >= this.#timerDue) return
    this.#timer?.cancel()
    this.#timerDue = top.due
    this.#timer = this.#clock.setTimeout(() => this.#fire(), top.due - this.#clock.monotonic())
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((heap[parent] as Entry).due <= entry.due) break
      heap[at] = heap[parent] as Entry
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Entry
    const size = heap.length
    if (size === 0) return
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && (heap[child + 1] as Entry).due < (heap[child] as Entry).due) child++
      if ((heap[child] as Entry).due >= last.due) break
      heap[at] = heap[child] as Entry
      at = child
    }
    heap[at] = last
  }
}
