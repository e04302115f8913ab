/** Keys in the order of their last use, and which of them are done with. */
export class KeyCache {
  readonly #max: number
  /** True once confirmed. */
  readonly #keys = new Map<string, boolean>()

  constructor(max: number) {
    this.#max = max
  }

  /** Whether it was new. */
  take(key: string): boolean {
    if (this.has(key)) return false
    this.#put(key, false)
    return true
  }

  has(key: string): boolean {
    const isConfirmed = this.#keys.get(key)
    if (isConfirmed === undefined) return false
    this.#put(key, isConfirmed)
    return true
  }

  confirmed(key: string): void {
    this.#put(key, true)
  }

  /** Whether it was there and confirmed. */
  forget(key: string): boolean {
    const wasConfirmed = this.#keys.get(key) === true
    this.#keys.delete(key)
    return wasConfirmed
  }

  /** Forgets it unless somebody is at work on it here. */
  forgetConfirmed(key: string): void {
    if (this.#keys.get(key) === true) this.#keys.delete(key)
  }

  /** Forgets all, and gives back those that were confirmed. */
  clear(): string[] {
    const confirmed = [...this.#keys].flatMap(([key, isConfirmed]) => (isConfirmed ? [key] : []))
    this.#keys.clear()
    return confirmed
  }

  #put(key: string, isConfirmed: boolean): void {
    this.#keys.delete(key)
    this.#keys.set(key, isConfirmed)
    if (this.#keys.size <= this.#max) return
    const [oldest] = this.#keys.keys()
    if (oldest !== undefined) this.#keys.delete(oldest)
  }
}
