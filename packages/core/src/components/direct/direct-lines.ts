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

/** All `direct:` names of one context that somebody can still reach. */
export class DirectLines {
  readonly #lines = new Map<string, WeakRef<DirectLine>>()
  readonly #gone = new FinalizationRegistry<string>(name => {
    if (this.#lines.get(name)?.deref() === undefined) this.#lines.delete(name)
  })

  line(name: string): DirectLine {
    const known = this.#lines.get(name)?.deref()
    if (known) return known
    const line = new DirectLine(name, this)
    this.#lines.set(name, new WeakRef(line))
    this.#gone.register(line, name)
    return line
  }

  /** Names that a route consumes from, running or not. */
  get consumed(): string[] {
    const lines = [...this.#lines.values()].map(line => line.deref())
    return lines.filter(line => line?.owner !== undefined).map(line => (line as DirectLine).name)
  }
}

/** A route that consumes from a name, whether or not it runs. */
interface Claim {
  readonly entry: RouteEntry
  open: boolean
}

/** One `direct:` name: the route that answers it, and who waits for that. */
class DirectLine {
  readonly name: string
  readonly #all: DirectLines
  /** One, but while routes are changed: the newest that is open answers. */
  #claims: Claim[] = []
  #entry: RouteEntry | undefined
  #waiting = new Set<() => void>()

  constructor(name: string, all: DirectLines) {
    this.name = name
    this.#all = all
  }

  /** The route that consumes from it, running or not. */
  get owner(): string | undefined {
    return this.#claims.at(-1)?.entry.routeId
  }

  consumer(entry: RouteEntry): Consumer {
    const known = this.#claims.find(claim => claim.entry === entry)
    const claim: Claim = known ?? { entry, open: false }
    if (known === undefined) this.#claims.push(claim)
    const open = () => {
      claim.open = true
      this.#choose()
      for (const proceed of this.#waiting) proceed()
    }
    const shut = () => {
      claim.open = false
      this.#choose()
    }
    const leave = () => {
      this.#claims = this.#claims.filter(other => other !== claim)
      this.#choose()
      for (const proceed of this.#waiting) proceed()
    }
    return {
      passive: true,
      sole: `direct:${this.name}`,
      start: open,
      resume: open,
      quiesce: shut,
      close: shut,
      leave,
    }
  }

  #choose(): void {
    this.#entry = this.#claims.findLast(claim => claim.open)?.entry
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
      if (left <= 0 || exchange.signal.aborted || this.owner === undefined) break
      await this.#arrival(exchange.signal, clock, left)
    }
    if (exchange.signal.aborted) throw this.#noConsumer('; gave up waiting: the exchange must end')
    if (this.owner === undefined) return this.#absent(exchange, options)
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
