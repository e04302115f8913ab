import type { Endpoint, Producer } from '../component/contract.ts'
import type { Sender } from '../eip/eip.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Logger } from '../logger.ts'
import type { Endpoints } from './endpoints.ts'

/** The producers of a context: one per endpoint, started before and closed after all routes. */
export class Senders {
  readonly #endpoints: Endpoints
  readonly #signal: AbortSignal
  readonly #log: Logger
  readonly #senders = new Map<Endpoint, Sender>()
  readonly #started = new Map<Producer, Promise<void>>()

  constructor(endpoints: Endpoints, signal: AbortSignal, log: Logger) {
    this.#endpoints = endpoints
    this.#signal = signal
    this.#log = log
  }

  /** For a fixed URI. Its producer starts with {@link start}, or has done so. */
  readonly sender = (uri: string): Sender => this.#of(this.#endpoints.get(uri))

  /** For a URI of the application's own, outside of a route. */
  async ready(uri: string): Promise<Sender> {
    const sender = this.sender(uri)
    await this.#start(sender.producer)
    return sender
  }

  /** For a URI that comes from a message: whoever asks lets go of it by {@link drop}. */
  async readyDynamic(uri: string): Promise<Sender> {
    const sender = this.#of(this.#endpoints.getDynamic(uri))
    await this.#start(sender.producer)
    return sender
  }

  /** Closes the producer and forgets the endpoint. */
  async drop(sender: Sender): Promise<void> {
    for (const [endpoint, known] of this.#senders) {
      if (known !== sender) continue
      this.#senders.delete(endpoint)
      this.#endpoints.forget(endpoint)
    }
    if (this.#started.delete(sender.producer)) await this.#close(sender.producer)
  }

  /** Whether this sender is there already, and so is not the asker's to drop. */
  owns(uri: string): boolean {
    const endpoint = this.#endpoints.known(uri)
    return endpoint !== undefined && this.#senders.has(endpoint)
  }

  /** Starts every producer that was asked for so far; rejects with the first failure. */
  async start(): Promise<void> {
    for (const sender of [...this.#senders.values()]) await this.#start(sender.producer)
  }

  async close(): Promise<void> {
    const started = [...this.#started.keys()]
    this.#started.clear()
    for (const producer of started) await this.#close(producer)
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
    const sender: Sender = { uri: endpoint.uri, producer, send: guarded(endpoint.uri, producer) }
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
function guarded(uri: string, producer: Producer): Processor {
  if (!producer.external) {
    return exchange => {
      exchange.toEndpoint = uri
      return producer.send(exchange)
    }
  }
  return exchange => {
    if (exchange.guard !== undefined && !exchange.guard.isValid()) throw notLeader(exchange, uri)
    exchange.toEndpoint = uri
    return producer.send(exchange)
  }
}

const notLeader = (exchange: Exchange, uri: string) =>
  new DromedaryError(
    'DROMEDARY_NOT_LEADER',
    `refused to send to ${uri}: the leadership under which the exchange entered route ${exchange.fromRouteId} has ended`,
  )
