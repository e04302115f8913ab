import type { Exchange } from './exchange.ts'

/** Called once, when the exchange is done. What it throws is logged and changes nothing. Camel: `Synchronization`. */
export interface Synchronization {
  onComplete?(exchange: Exchange): void | Promise<void>
  onFailure?(exchange: Exchange): void | Promise<void>
}

/** Shared by all that nothing waits for. */
const NONE: readonly Synchronization[] = Object.freeze([])
/** So many are kept in a list of just their number: a list that grows by itself has room for seventeen. */
const FEW = 4

/** What hangs on the end of an exchange: acknowledgements, commits, moved files. */
export class UnitOfWork {
  #synchronizations: readonly Synchronization[] = NONE
  #ended = false

  /** Throws a TypeError once the exchange has ended: its turn has passed. */
  addSynchronization(synchronization: Synchronization): void {
    if (this.#ended) throw new TypeError('the exchange has ended: it takes no more synchronizations')
    const before = this.#synchronizations
    // No literals, for decision 16. A list of one for `concat`, which takes lists apart: a synchronization may be one.
    const more = Array.of(synchronization)
    if (before.length === 0) this.#synchronizations = more
    else if (before.length < FEW) this.#synchronizations = before.concat(more)
    else (before as Synchronization[]).push(synchronization)
  }

  /** What waits for the end, in the order in which it is called. */
  get synchronizations(): readonly Synchronization[] {
    return this.#synchronizations
  }

  /** Hands what waits for the end over to another exchange, which ends later. Camel: `handoverSynchronizations`. */
  handOver(to: UnitOfWork): void {
    for (const synchronization of this.#synchronizations) to.addSynchronization(synchronization)
    this.#synchronizations = NONE
  }

  /**
   * For the runtime alone. Runs the callbacks in order, waiting for asynchronous ones; the second call does nothing.
   * Returns a promise only if one of them did.
   */
  end(exchange: Exchange, failed: boolean, report: (error: unknown) => void): void | Promise<void> {
    if (this.#ended) return
    this.#ended = true
    return this.#run(exchange, failed, report, 0)
  }

  #run(exchange: Exchange, failed: boolean, report: (error: unknown) => void, from: number): void | Promise<void> {
    for (let at = from; at < this.#synchronizations.length; at++) {
      const synchronization = this.#synchronizations[at]
      try {
        const result = failed ? synchronization?.onFailure?.(exchange) : synchronization?.onComplete?.(exchange)
        if (result !== undefined) {
          const rest = () => this.#run(exchange, failed, report, at + 1)
          return Promise.resolve(result).then(rest, error => {
            report(error)
            return rest()
          })
        }
      } catch (error) {
        report(error)
      }
    }
  }
}
