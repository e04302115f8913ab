import type { FetchedRecord, KafkaHeader } from '../client/port.ts'

const HEADER = 'dromedary-writer'

/**
 * What this member has written and not read back. As long as a record of its own for a key is on the way, older ones say
 * nothing: the log has them before it. So all members end with what the log says last.
 */
export class OwnWrites {
  /** Goes into each record. */
  readonly mark: KafkaHeader
  readonly #id: Buffer
  readonly #onTheWay = new Map<string, number>()

  constructor(id: string) {
    this.#id = Buffer.from(id)
    this.mark = [HEADER, this.#id]
  }

  begun(keys: readonly string[]): void {
    for (const key of keys) this.#onTheWay.set(key, (this.#onTheWay.get(key) ?? 0) + 1)
  }

  /** Whether they were written or not: nobody waits for them. */
  failed(keys: readonly string[]): void {
    for (const key of keys) this.#one(key)
  }

  /** Whether a record that was read is the last word on its key. */
  isLast(key: string, { headers }: FetchedRecord): boolean {
    const isOwn = headers.some(([name, value]) => name?.toString() === HEADER && value?.equals(this.#id) === true)
    if (isOwn) this.#one(key)
    return !this.#onTheWay.has(key)
  }

  #one(key: string): void {
    const left = (this.#onTheWay.get(key) ?? 0) - 1
    if (left > 0) this.#onTheWay.set(key, left)
    else this.#onTheWay.delete(key)
  }
}
