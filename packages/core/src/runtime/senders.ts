import type { Endpoint, Producer } from '../component/contract.ts'
import type { Sender } from '../eip/eip.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import { maskUri } from '../uri/mask.ts'
import type { Endpoints } from './endpoints.ts'

interface Kept {
  readonly endpoint: Endpoint
  readonly sender: Sender
  /** Infinite once somebody asked for it who never lets go. */
  users: number
  /** Asked before each send: an exchange that outlived the shutdown must not reach a producer that is closed. */
  readonly life: Life
  started: Promise<void> | undefined
}

interface Life {
  /** Why it is closed. */
  closed: string | undefined
}

const STOPPED = 'the context has stopped'
const UNUSED = 'no route sends to it any more'

/** The producers of a context: one per endpoint, started before and closed after the routes that send to it. */
export class Senders {
  readonly #endpoints: Endpoints
  readonly #signal: AbortSignal
  readonly #log: Logger
  readonly #byEndpoint = new Map<Endpoint, Kept>()
  readonly #kept = new Map<Sender, Kept>()
  /** Also of those that nobody asks for any more. */
  readonly #closing = new Set<Promise<void>>()
  #closed = false

  constructor(endpoints: Endpoints, signal: AbortSignal, log: Logger) {
    this.#endpoints = endpoints
    this.#signal = signal
    this.#log = log
  }

  /** How many there are. */
  get size(): number {
    return this.#kept.size
  }

  /** For a fixed URI, until {@link letGo}, called once for each call. Its producer starts with {@link start} or {@link begin}. */
  take(uri: string): Sender {
    return this.#take(this.#endpoints.take(uri)).sender
  }

  /** For a URI of the application's own, outside of a route: for good. Rejects with `DROMEDARY_INVALID_STATE` after {@link close}. */
  async ready(uri: string): Promise<Sender> {
    if (this.#closed) {
      throw new DromedaryError('DROMEDARY_INVALID_STATE', `cannot send to ${maskUri(uri)}: ${STOPPED}`)
    }
    const kept = this.#take(this.#endpoints.take(uri))
    kept.users = Number.POSITIVE_INFINITY
    await this.#start(kept, this.#signal)
    return kept.sender
  }

  /** For a URI that comes from a message, until {@link letGo}. */
  async readyDynamic(uri: string): Promise<Sender> {
    if (this.#closed) throw closed(maskUri(uri), STOPPED)
    const kept = this.#take(this.#endpoints.takeDynamic(uri))
    try {
      await this.#start(kept, this.#signal)
    } catch (error) {
      await this.letGo(kept.sender)
      throw error
    }
    return kept.sender
  }

  /** The last one closes its producer, never while its start is pending, and lets go of its endpoint. */
  async letGo(sender: Sender): Promise<void> {
    const kept = this.#kept.get(sender)
    if (kept === undefined || --kept.users > 0) return
    this.#kept.delete(sender)
    this.#byEndpoint.delete(kept.endpoint)
    this.#endpoints.letGo(kept.endpoint)
    await this.#close(kept, UNUSED)
  }

  /** Starts every producer that was asked for so far; rejects with the first failure. */
  async start(): Promise<void> {
    for (const kept of [...this.#kept.values()]) {
      if (this.#signal.aborted) return
      await this.#start(kept, this.#signal)
    }
  }

  /** Starts the producer, unless it has started. */
  async begin(sender: Sender, signal: AbortSignal): Promise<void> {
    const kept = this.#kept.get(sender)
    if (kept) await this.#start(kept, signal)
  }

  /** From here on nothing is sent. Closes every producer that has started, never while its start is pending. */
  async close(): Promise<void> {
    this.#closed = true
    const all = [...this.#kept.values()]
    for (const { life } of all) life.closed ??= STOPPED
    // None waits for another: one may hang.
    await Promise.all(all.map(kept => this.#close(kept, STOPPED)))
    await Promise.all(this.#closing)
  }

  /** The endpoint was taken for it: a sender that there is holds it already. */
  #take(endpoint: Endpoint): Kept {
    const known = this.#byEndpoint.get(endpoint)
    if (known) {
      this.#endpoints.letGo(endpoint)
      known.users++
      return known
    }
    try {
      if (endpoint.producer === undefined) {
        const message = `${endpoint.uri} can only be consumed from: nothing can be sent to it`
        throw new DromedaryError('DROMEDARY_UNSUPPORTED', message)
      }
      const producer = endpoint.producer()
      const life: Life = { closed: undefined }
      const sender: Sender = { uri: endpoint.uri, producer, send: guarded(endpoint.uri, producer, life) }
      const kept: Kept = { endpoint, sender, users: 1, life, started: undefined }
      this.#byEndpoint.set(endpoint, kept)
      this.#kept.set(sender, kept)
      return kept
    } catch (error) {
      this.#endpoints.letGo(endpoint)
      throw error
    }
  }

  #start(kept: Kept, signal: AbortSignal): Promise<void> {
    if (kept.started) return kept.started
    const starting = Promise.resolve(kept.sender.producer.start?.(signal))
    kept.started = starting
    starting.catch(() => {
      if (kept.started === starting) kept.started = undefined
    })
    return starting
  }

  async #close(kept: Kept, why: string): Promise<void> {
    kept.life.closed ??= why
    const { started } = kept
    if (started === undefined) return
    kept.started = undefined
    const hasStarted = await started.then(
      () => true,
      () => false,
    )
    if (!hasStarted) return
    const closing = this.#closeNow(kept.sender.producer)
    this.#closing.add(closing)
    await closing
    this.#closing.delete(closing)
  }

  async #closeNow(producer: Producer): Promise<void> {
    try {
      await producer.close?.()
    } catch (error) {
      this.#log.warn(`a producer did not close: ${messageOf(error)}`, { error })
    }
  }
}

/** I2: before each send that leaves the process the leadership is asked, whatever was true when the exchange entered. */
function guarded(uri: string, producer: Producer, life: Life): Processor {
  if (!producer.external) {
    return exchange => {
      if (life.closed !== undefined) throw closed(uri, life.closed)
      exchange.toEndpoint = uri
      return producer.send(exchange)
    }
  }
  return exchange => {
    if (exchange.guard !== undefined && !exchange.guard.isValid()) throw notLeader(exchange, uri)
    if (life.closed !== undefined) throw closed(uri, life.closed)
    exchange.toEndpoint = uri
    return producer.send(exchange)
  }
}

const closed = (uri: string, why: string) =>
  new DromedaryError('DROMEDARY_NOT_ACCEPTING', `refused to send to ${uri}: ${why}`)

const notLeader = (exchange: Exchange, uri: string) =>
  new DromedaryError(
    'DROMEDARY_NOT_LEADER',
    `refused to send to ${uri}: the leadership under which the exchange entered route ${exchange.fromRouteId} has ended`,
  )
