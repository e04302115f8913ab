import { type Clock, onAbort, sleep } from '../../clock.ts'
import type { Consumer, Producer, RouteEntry } from '../../component/contract.ts'
import { DromedaryError } from '../../errors.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { didYouMean } from '../../uri/suggest.ts'

export interface CallOptions {
  readonly block: boolean
  readonly timeout: number
  readonly failIfNoConsumers: boolean
  readonly clock: Clock
}

/** All `direct:` names of one context. */
export class DirectLines {
  readonly #lines = new Map<string, DirectLine>()

  line(name: string): DirectLine {
    const known = this.#lines.get(name)
    if (known) return known
    const line = new DirectLine(name, this)
    this.#lines.set(name, line)
    return line
  }

  /** Names that a route consumes from, running or not. */
  get consumed(): string[] {
    return [...this.#lines.values()].filter(line => line.owner !== undefined).map(line => line.name)
  }
}

/** One `direct:` name: the route that answers it, and who waits for that. */
class DirectLine {
  readonly name: string
  /** The route that consumes from it, whether or not it runs. */
  owner: string | undefined
  readonly #all: DirectLines
  #entry: RouteEntry | undefined
  #waiting = new Set<() => void>()

  constructor(name: string, all: DirectLines) {
    this.name = name
    this.#all = all
  }

  consumer(entry: RouteEntry): Consumer {
    if (this.owner !== undefined && this.owner !== entry.routeId) {
      const message = `the routes ${this.owner} and ${entry.routeId} both consume from direct:${this.name}: only one may`
      throw new DromedaryError('DROMEDARY_DUPLICATE_CONSUMER', message)
    }
    this.owner = entry.routeId
    const open = () => {
      this.#entry = entry
      for (const proceed of this.#waiting) proceed()
    }
    const shut = () => {
      if (this.#entry === entry) this.#entry = undefined
    }
    return { passive: true, start: open, resume: open, quiesce: shut, close: shut }
  }

  producer(options: CallOptions): Producer {
    return {
      external: false,
      send: exchange => {
        const entry = this.#entry
        return entry === undefined ? this.#absent(exchange, options) : entry.call(exchange)
      },
    }
  }

  #absent(exchange: Exchange, options: CallOptions): void | Promise<void> {
    if (this.owner !== undefined && options.block) return this.#wait(exchange, options)
    if (options.failIfNoConsumers) throw this.#noConsumer('')
  }

  async #wait(exchange: Exchange, options: CallOptions): Promise<void> {
    const { clock } = options
    const deadline = clock.monotonic() + options.timeout
    for (;;) {
      const left = deadline - clock.monotonic()
      if (this.#entry) return this.#entry.call(exchange)
      if (left <= 0 || exchange.signal.aborted) break
      await this.#arrival(exchange.signal, clock, left)
    }
    if (exchange.signal.aborted) throw this.#noConsumer('; gave up waiting: the exchange must end')
    if (options.failIfNoConsumers) throw this.#noConsumer(`; waited ${options.timeout} ms`)
  }

  /** Resolves when a route answers, the signal aborts, or the time has passed. */
  async #arrival(signal: AbortSignal, clock: Clock, ms: number): Promise<void> {
    const arrived = new AbortController()
    const proceed = () => arrived.abort()
    const forget = onAbort(signal, proceed)
    this.#waiting.add(proceed)
    await sleep(clock, ms, arrived.signal)
    this.#waiting.delete(proceed)
    forget()
  }

  #noConsumer(more: string): DromedaryError {
    const state = this.owner === undefined ? 'no route consumes from it' : `route ${this.owner} is not running`
    const suggestion = this.owner === undefined ? didYouMean(this.name, this.#all.consumed) : more
    return new DromedaryError('DROMEDARY_NO_CONSUMER', `nothing answers direct:${this.name}: ${state}${suggestion}`)
  }
}
