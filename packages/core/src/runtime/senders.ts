import type { Endpoint, Producer } from '../component/contract.ts'
import type { Sender } from '../eip/eip.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import { maskUri } from '../uri/mask.ts'
import type { Endpoints } from './endpoints.ts'

/** The producers of a context: one per endpoint, started before and closed after all routes. */
export class Senders {
  readonly #endpoints: Endpoints
  readonly #signal: AbortSignal
  readonly #log: Logger
  readonly #senders = new Map<Endpoint, Sender>()
  readonly #started = new Map<Producer, Promise<void>>()
  /** Those that only `toD` steps asked for, each with how many hold it: the last one closes it. */
  readonly #held = new Map<Sender, { readonly endpoint: Endpoint; holders: number }>()
  /** Asked before each send: an exchange that outlived the shutdown must not reach a producer that is closed. */
  readonly #life = { closed: false }

  constructor(endpoints: Endpoints, signal: AbortSignal, log: Logger) {
    this.#endpoints = endpoints
    this.#signal = signal
    this.#log = log
  }

  /** For a fixed URI. Its producer starts with {@link start}, or has done so; it stays until {@link close}. */
  readonly sender = (uri: string): Sender => {
    const sender = this.#of(this.#endpoints.get(uri))
    this.#held.delete(sender)
    return sender
  }

  /** For a URI of the application's own, outside of a route. Rejects with `DROMEDARY_INVALID_STATE` after {@link close}. */
  async ready(uri: string): Promise<Sender> {
    if (this.#life.closed) {
      throw new DromedaryError('DROMEDARY_INVALID_STATE', `cannot send to ${maskUri(uri)}: the context has stopped`)
    }
    const sender = this.sender(uri)
    await this.#start(sender.producer)
    return sender
  }

  /** For a URI that comes from a message: whoever gets one lets go of it by {@link drop}, once. */
  async readyDynamic(uri: string): Promise<Sender> {
    if (this.#life.closed) throw closed(maskUri(uri))
    const endpoint = this.#endpoints.getDynamic(uri)
    const isNew = !this.#senders.has(endpoint)
    let sender: Sender
    try {
      sender = this.#of(endpoint)
    } catch (error) {
      this.#endpoints.forget(endpoint)
      throw error
    }
    if (isNew) this.#held.set(sender, { endpoint, holders: 0 })
    const held = this.#held.get(sender)
    if (held) held.holders++
    try {
      await this.#start(sender.producer)
    } catch (error) {
      await this.drop(sender)
      throw error
    }
    return sender
  }

  /** Lets go of a sender of {@link readyDynamic}. The last one closes its producer and forgets its endpoint. */
  async drop(sender: Sender): Promise<void> {
    const held = this.#held.get(sender)
    if (held === undefined || --held.holders > 0) return
    this.#held.delete(sender)
    this.#senders.delete(held.endpoint)
    this.#endpoints.forget(held.endpoint)
    if (this.#started.delete(sender.producer)) await this.#close(sender.producer)
  }

  /** Starts every producer that was asked for so far; rejects with the first failure. */
  async start(): Promise<void> {
    for (const sender of [...this.#senders.values()]) {
      if (this.#signal.aborted) return
      await this.#start(sender.producer)
    }
  }

  /** From here on nothing is sent. Closes every producer that has started, never while its start is pending. */
  async close(): Promise<void> {
    this.#life.closed = true
    const started = [...this.#started]
    this.#started.clear()
    for (const [producer, starting] of started) {
      const hasStarted = await starting.then(
        () => true,
        () => false,
      )
      if (hasStarted) await this.#close(producer)
    }
  }

  #of(endpoint: Endpoint): Sender {
    const known = this.#senders.get(endpoint)
    if (known) return known
    if (endpoint.producer === undefined) {
      throw new DromedaryError(
        'DROMEDARY_UNSUPPORTED',
        `${endpoint.uri} can only be consumed from: nothing can be sent to it`,
      )
    }
    const producer = endpoint.producer()
    const sender: Sender = { uri: endpoint.uri, producer, send: guarded(endpoint.uri, producer, this.#life) }
    this.#senders.set(endpoint, sender)
    return sender
  }

  #start(producer: Producer): Promise<void> {
    const known = this.#started.get(producer)
    if (known) return known
    const starting = Promise.resolve(producer.start?.(this.#signal))
    this.#started.set(producer, starting)
    starting.catch(() => this.#started.delete(producer))
    return starting
  }

  async #close(producer: Producer): Promise<void> {
    try {
      await producer.close?.()
    } catch (error) {
      this.#log.warn(`a producer did not close: ${messageOf(error)}`, { error })
    }
  }
}

/** I2: before each send that leaves the process the leadership is asked, whatever was true when the exchange entered. */
function guarded(uri: string, producer: Producer, life: { readonly closed: boolean }): Processor {
  if (!producer.external) {
    return exchange => {
      if (life.closed) throw closed(uri)
      exchange.toEndpoint = uri
      return producer.send(exchange)
    }
  }
  return exchange => {
    if (exchange.guard !== undefined && !exchange.guard.isValid()) throw notLeader(exchange, uri)
    if (life.closed) throw closed(uri)
    exchange.toEndpoint = uri
    return producer.send(exchange)
  }
}

const closed = (uri: string) =>
  new DromedaryError('DROMEDARY_NOT_ACCEPTING', `refused to send to ${uri}: the context has stopped`)

const notLeader = (exchange: Exchange, uri: string) =>
  new DromedaryError(
    'DROMEDARY_NOT_LEADER',
    `refused to send to ${uri}: the leadership under which the exchange entered route ${exchange.fromRouteId} has ended`,
  )
