import type { Exchange, ExchangeGuard } from '../exchange/exchange.ts'

/**
 * Tells leaderships that groups stand under them, so that none is handed over before these are complete; for steps that
 * complete their groups at a stop.
 */
export class Keepers {
  readonly #drain: (guard: ExchangeGuard) => void
  readonly #groups = new Map<string, ExchangeGuard>()
  readonly #held = new Map<ExchangeGuard, { groups: number; readonly release: () => void }>()

  /** `drain`: the leadership is about to be handed over. */
  constructor(drain: (guard: ExchangeGuard) => void) {
    this.#drain = drain
  }

  /** The group under this key is kept, under the leadership of its newest exchange. */
  keep(key: string, group: Exchange): void {
    const { guard } = group
    if (this.#groups.get(key) === guard) return
    const letGo = this.letGo(key)
    if (guard?.hold !== undefined) this.#keep(key, guard)
    letGo()
  }

  has(key: string): boolean {
    return this.#groups.has(key)
  }

  /** Forgets the group; its leadership waits until what is returned is called. */
  letGo(key: string): () => void {
    const guard = this.#groups.get(key)
    this.#groups.delete(key)
    let isHeld = guard !== undefined
    return () => {
      const held = guard && isHeld ? this.#held.get(guard) : undefined
      isHeld = false
      if (guard === undefined || held === undefined || --held.groups > 0) return
      this.#held.delete(guard)
      held.release()
    }
  }

  clear(): void {
    for (const key of [...this.#groups.keys()]) this.letGo(key)()
  }

  #keep(key: string, guard: ExchangeGuard): void {
    this.#groups.set(key, guard)
    const held = this.#held.get(guard)
    if (held) held.groups++
    else {
      // It may ask at once: it is known by then.
      const entry = { groups: 1, release: () => {} }
      this.#held.set(guard, entry)
      entry.release = guard.hold?.(() => this.#drain(guard)) ?? entry.release
    }
  }
}
