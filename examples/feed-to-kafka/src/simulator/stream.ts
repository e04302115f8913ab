import type { Client } from './client.ts'
import type { Head } from './head.ts'
import type { DropHow } from './options.ts'

/** Messages that are handed over at once: enough to be cheap, few enough to leave time for others in between. */
const CHUNK = 320

export interface StreamOptions {
  /** Ends it after so many messages; 0: never. */
  readonly dropEvery: number
  readonly dropHow: DropHow
}

/** What one client is sent: from a message on, in order, never more than it takes. */
export class Stream {
  readonly client: Client
  readonly first: number
  readonly #head: Head
  readonly #options: StreamOptions
  /** Bytes that the client has not taken. */
  #pending = 0
  #next: number
  #over = false

  constructor(client: Client, after: number, head: Head, options: StreamOptions) {
    this.client = client
    this.first = after + 1
    this.#head = head
    this.#options = options
    this.#next = this.first
  }

  get sent(): number {
    return this.#next - this.first
  }

  get backlog(): number {
    return Math.max(0, this.#head.reach - this.#next + 1)
  }

  get pendingBytes(): number {
    return this.#pending
  }

  /** Sends what is there, unless the client has yet to take what it was sent before. */
  pump(): void {
    if (this.#over || this.#pending > 0) return
    const { dropEvery, dropHow } = this.#options
    const end = dropEvery === 0 ? Number.POSITIVE_INFINITY : this.first + dropEvery - 1
    const last = Math.min(this.#next + CHUNK - 1, this.#head.reach, end)
    if (last < this.#next) return
    const first = this.#next
    this.#next = last + 1
    this.#head.sentTo(last)
    this.#pending = this.client.send(first, last, () => {
      this.#pending = 0
      if (last === end) this.drop(dropHow)
      else this.pump()
    })
  }

  drop(how: DropHow): void {
    this.stop()
    this.client.drop(how)
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#over = true
  }
}
