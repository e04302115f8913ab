import { attempt, chain } from '../runtime/thenable.ts'

/** The items of one split, one after the other. Looks one ahead, so that the last one is known. */
export interface Items {
  /** Set by {@link advance}. */
  readonly item: unknown
  /** Whether no other follows; asked after {@link advance}. */
  readonly isLast: boolean
  /** How many there are; undefined while that is not known. */
  readonly size: number | undefined
  /** On to the next one; false where there is none. A promise only where the source is asynchronous. */
  advance(): boolean | Promise<boolean>
  /** Lets go of a source that was not read to its end. */
  close(): void
}

/** Items that are all there. */
export class ListItems implements Items {
  readonly #list: ArrayLike<unknown>
  #at = -1

  constructor(list: ArrayLike<unknown>) {
    this.#list = list
  }

  get item(): unknown {
    return this.#list[this.#at]
  }

  get isLast(): boolean {
    return this.#at === this.#list.length - 1
  }

  get size(): number {
    return this.#list.length
  }

  advance(): boolean {
    return ++this.#at < this.#list.length
  }

  close(): void {}
}

/** Items that come one by one, at once or by promises. */
export class StreamedItems implements Items {
  item: unknown
  isLast = false
  size: number | undefined
  readonly #source: Iterator<unknown> | AsyncIterator<unknown>
  #ahead: IteratorResult<unknown> | undefined
  #failure: { readonly error: unknown } | undefined
  #count = 0

  constructor(source: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#source = source
  }

  advance(): boolean | Promise<boolean> {
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#ahead !== undefined) return this.#take(this.#ahead)
    const first = this.#source.next()
    return isPromise(first) ? first.then(result => this.#take(result)) : this.#take(first)
  }

  close(): void {
    if (this.#ahead?.done || this.#failure !== undefined) return
    try {
      const closed = this.#source.return?.()
      if (isPromise(closed)) closed.then(undefined, () => {})
    } catch {
      // It is not read any more: what goes wrong at its end changes nothing.
    }
  }

  #take(current: IteratorResult<unknown>): boolean | Promise<boolean> {
    this.#ahead = current
    if (current.done) return false
    this.item = current.value
    this.#count++
    // A source that fails has given an item before, which counts.
    return attempt(
      () => chain(this.#source.next(), next => this.#have(next)),
      error => {
        this.#failure = { error }
        return true
      },
    ) as boolean | Promise<boolean>
  }

  #have(next: IteratorResult<unknown>): true {
    this.#ahead = next
    this.isLast = next.done === true
    if (this.isLast) this.size = this.#count
    return true
  }
}

/** So many items as one, a list; the last list may be shorter. */
export class GroupedItems implements Items {
  item: unknown
  readonly #items: Items
  readonly #group: number

  constructor(items: Items, group: number) {
    this.#items = items
    this.#group = group
  }

  get isLast(): boolean {
    return this.#items.isLast
  }

  get size(): number | undefined {
    const { size } = this.#items
    return size === undefined ? undefined : Math.ceil(size / this.#group)
  }

  advance(): boolean | Promise<boolean> {
    return this.#fill([])
  }

  close(): void {
    this.#items.close()
  }

  #fill(list: unknown[]): boolean | Promise<boolean> {
    while (list.length < this.#group) {
      const more = this.#items.advance()
      if (typeof more !== 'boolean') return this.#fillLater(list, more)
      if (!more) break
      list.push(this.#items.item)
    }
    this.item = list
    return list.length > 0
  }

  async #fillLater(list: unknown[], pending: Promise<boolean>): Promise<boolean> {
    for (let more = await pending; more; more = await this.#items.advance()) {
      list.push(this.#items.item)
      if (list.length === this.#group) break
    }
    this.item = list
    return list.length > 0
  }
}

const isPromise = <T>(value: T | PromiseLike<T>): value is Promise<T> =>
  typeof (value as { then?: unknown } | undefined)?.then === 'function'
