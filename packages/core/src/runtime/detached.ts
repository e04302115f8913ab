import { isCalledOff } from '../error-handling/called-off.ts'
import { messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { EntryPlace } from './entry-place.ts'
import { enterStack, STACK_LIMIT } from './stack.ts'
import { isThenable } from './thenable.ts'

/**
 * Exchanges that the steps of a route made and that run beside it (a wire tap, a group that is complete): counted, and
 * drained at a stop, like those that entered, by the leadership under which they stand as well.
 */
export class Detached {
  readonly #place: EntryPlace
  readonly #weight: number
  readonly #running = new Set<Exchange>()
  #count = 0
  #waiting: (() => void)[] = []

  constructor(place: EntryPlace) {
    this.#place = place
    this.#weight = Math.min(place.weight, STACK_LIMIT)
  }

  get count(): number {
    return this.#count
  }

  /** Those that went asynchronous. */
  get running(): Iterable<Exchange> {
    return this.#running
  }

  /** Counts work as in flight until what it returns is called. */
  hold(exchange: Exchange): () => void {
    const release = exchange.guard?.hold?.()
    this.#count++
    let held = true
    return () => {
      if (!held) return
      held = false
      release?.()
      if (--this.#count > 0) return
      const waiting = this.#waiting
      this.#waiting = []
      for (const proceed of waiting) proceed()
    }
  }

  /** Runs it, ends its unit of work, logs a failure that no error handler saw. Never throws or rejects. */
  run(exchange: Exchange, processor: Processor): void | Promise<void> {
    const release = this.hold(exchange)
    const { events, routeId } = this.#place
    if (events.active) {
      const started = events.now()
      events.tellExchange({ type: 'created', exchange, routeId })
      return this.#later(exchange, enterStack(processor, exchange, this.#weight, true), () => {
        const tookMs = events.now() - started
        events.tellExchange({ type: exchange.failed ? 'failed' : 'completed', exchange, routeId, tookMs })
        release()
      })
    }
    try {
      const result = enterStack(processor, exchange, this.#weight)
      if (result !== undefined && isThenable(result)) return this.#later(exchange, result, release)
    } catch (error) {
      this.#unhandled(exchange, error)
    }
    const ended = this.#place.context.complete(exchange)
    if (isThenable(ended)) return Promise.resolve(ended).then(release, release)
    release()
  }

  /** Resolves when nothing of it is in flight any more. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise(resolve => this.#waiting.push(resolve))
  }

  async #later(exchange: Exchange, result: unknown, release: () => void): Promise<void> {
    this.#running.add(exchange)
    try {
      await result
    } catch (error) {
      this.#unhandled(exchange, error)
    }
    exchange.suspendedAt = undefined
    try {
      await this.#place.context.complete(exchange)
    } finally {
      this.#running.delete(exchange)
      release()
    }
  }

  #unhandled(exchange: Exchange, error: unknown): void {
    exchange.fail(error)
    const { log, routeId } = this.#place
    const message = `exchange ${exchange.id}, which ran beside route ${routeId}, failed: ${messageOf(error)}`
    if (isCalledOff(error)) log.debug(message)
    else log.error(message, { error })
  }
}
