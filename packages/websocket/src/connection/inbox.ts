/** What an inbox stands between. */
export interface InboxParts<T> {
  /** Items that may be under way at a time. */
  readonly limit: number
  /** Nothing is handed in before {@link Inbox.release}. */
  readonly held?: boolean
  /** Hands one item in. Never throws or rejects; a promise only where it went asynchronous. */
  hand(item: T): void | Promise<void>
  /** Nothing more is wanted for now; what has been read already still comes. */
  pause(): void
  resume(): void
}

/** Items that are handed in within one turn of the event loop: then others have theirs, commits that wait for answers among them. */
const TURN = 256

/**
 * What a connection has read, in order: handed in at once while fewer than `limit` are under way, and `TURN` at most within
 * a turn of the event loop. At either limit the source is paused, and what it had read by then waits here, which is at most
 * what one read of a socket brings. An item that is done with synchronously costs neither a promise nor a place in the queue.
 */
export class Inbox<T> {
  readonly #parts: InboxParts<T>
  #queue: T[] = []
  /** Of the queue: what lies before it has been handed in. */
  #head = 0
  #underWay = 0
  /** In this turn of the event loop. */
  #entered = 0
  #isHeld: boolean
  #isPaused = false
  #isDraining = false
  #isShut = false
  readonly #waiting = new Set<() => void>()

  constructor(parts: InboxParts<T>) {
    this.#parts = parts
    this.#isHeld = parts.held ?? false
    if (this.#isHeld) this.#regulate()
  }

  /** Items that were handed in and are not done. */
  get underWay(): number {
    return this.#underWay
  }

  /** Items that were read and not handed in. */
  get queued(): number {
    return this.#queue.length - this.#head
  }

  push(item: T): void {
    if (this.#isShut) return
    if (this.queued === 0 && this.#hasRoom) this.#hand(item)
    else this.#queue.push(item)
    this.#regulate()
  }

  /** Ends the hold that it began with. */
  release(): void {
    this.#isHeld = false
    this.#next()
  }

  /** Reads no more, hands in what was read, and resolves when that is handed in; from then on it takes nothing. */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#regulate()
    await this.#until(() => this.#isShut || this.queued === 0)
    this.drop()
  }

  /** Takes nothing from now on, and forgets what was read and not handed in. */
  drop(): void {
    this.#isShut = true
    this.#queue = []
    this.#head = 0
    this.#regulate()
    this.#tell()
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    return this.#until(() => this.queued === 0 && this.#underWay === 0)
  }

  get #hasRoom(): boolean {
    return !this.#isHeld && this.#underWay < this.#parts.limit && this.#entered < TURN
  }

  #hand(item: T): void {
    if (this.#entered++ === 0) setImmediate(this.#nextTurn)
    this.#underWay++
    const result = this.#parts.hand(item)
    if (result === undefined) this.#underWay--
    else void result.then(this.#done, this.#done)
  }

  readonly #done = (): void => {
    this.#underWay--
    this.#next()
  }

  readonly #nextTurn = (): void => {
    const isWaiting = this.#entered >= TURN
    this.#entered = 0
    if (isWaiting) this.#next()
  }

  #next(): void {
    while (this.queued > 0 && this.#hasRoom) {
      const item = this.#queue[this.#head] as T
      this.#head++
      if (this.#head === this.#queue.length) {
        this.#queue = []
        this.#head = 0
      }
      this.#hand(item)
    }
    this.#regulate()
    this.#tell()
  }

  #regulate(): void {
    const mustPause = this.#isDraining || this.#isShut || !this.#hasRoom
    if (mustPause === this.#isPaused) return
    this.#isPaused = mustPause
    if (mustPause) this.#parts.pause()
    else this.#parts.resume()
  }

  #until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise(resolve => {
      const look = () => {
        if (!holds()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
    })
  }

  #tell(): void {
    for (const look of this.#waiting) look()
  }
}
