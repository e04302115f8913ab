import { type ContextView, DromedaryError, type Exchange, type Producer } from '@dromedary/core/component'
import type { Connection } from '../connection/connection.ts'
import { type Payload, payloadOf, type TransmitLimits, transmit } from '../connection/transmit.ts'
import type { EndpointParts } from '../endpoint-parts.ts'
import { loadWs } from '../library.ts'
import { HEADERS } from '../names.ts'
import { Link } from './link.ts'
import { toAll, toKeys } from './to-peers.ts'

/**
 * Sends to the peers of the consumer that this context has at the same address, when `sendToAll` or a connection key says
 * so; else as a client, to the server at that address.
 */
export class WebsocketProducer implements Producer {
  readonly external = true
  readonly #parts: EndpointParts
  readonly #limits: TransmitLimits
  readonly #link: Link

  constructor({ clock }: ContextView, parts: EndpointParts, random: () => number) {
    const { maxBufferedAmount, sendTimeout } = parts.options
    this.#parts = parts
    this.#limits = { clock, maxBufferedAmount, sendTimeout, uri: parts.uri }
    this.#link = new Link(clock, parts, random)
  }

  async start(): Promise<void> {
    await loadWs()
  }

  async warmUp(): Promise<void> {
    await loadWs()
  }

  send(exchange: Exchange): void | Promise<void> {
    const { message, signal } = exchange
    const payload = payloadOf(message)
    const peers = this.#parts.peers.at(this.#parts.address)
    if (peers !== undefined) {
      const isForAll = message.getHeader(HEADERS.sendToAll, 'boolean') ?? this.#parts.options.sendToAll
      if (isForAll) return toAll(peers, payload, this.#limits, signal)
      const keys = message.header(HEADERS.connectionKey)
      if (keys !== undefined) return toKeys(peers, String(keys), payload, this.#limits, signal)
    }
    const { connection } = this.#link
    return connection === undefined ? this.#later(exchange, payload) : this.#transmit(connection, exchange, payload)
  }

  close(): Promise<void> {
    return this.#link.close()
  }

  #transmit(connection: Connection, { signal }: Exchange, payload: Payload): void | Promise<void> {
    return transmit(connection.socket, payload, this.#limits, signal)
  }

  async #later(exchange: Exchange, payload: Payload): Promise<void> {
    const connection = await this.#link.ready(exchange.signal)
    // Connecting took its time: the leadership may have ended meanwhile.
    if (exchange.guard?.isValid() === false) {
      throw new DromedaryError(
        'DROMEDARY_NOT_LEADER',
        `refused to send to ${this.#parts.uri}: the leadership under which the exchange entered ended while it was connecting`,
      )
    }
    await this.#transmit(connection, exchange, payload)
  }
}
