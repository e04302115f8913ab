import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Consumer, messageOf, type RouteEntry, type SharedResource } from '@dromedary/core/component'
import type { WebSocket, WebSocketServer } from 'ws'
import { bareHost } from '../address.ts'
import { Connection } from '../connection/connection.ts'
import { connectionHeaders } from '../connection/connection-headers.ts'
import { deliver } from '../connection/deliver.ts'
import type { ProtocolFailure } from '../connection/events.ts'
import { Heartbeat } from '../connection/heartbeat.ts'
import type { EndpointParts } from '../endpoint-parts.ts'
import { frameLimits, loadWs } from '../library.ts'
import { serverTls } from '../tls.ts'
import { Admission } from './admission.ts'
import { handshakeHeaders } from './handshake-headers.ts'
import { HttpServer } from './http-server.ts'
import { refuse } from './refuse.ts'

/** How long a peer has to answer the closing frame of a stop, ms. */
const CLOSE_GRACE_MS = 500

/** Takes connections at a path, and brings what their peers send into a route. */
export class ServerConsumer implements Consumer {
  readonly #entry: RouteEntry
  readonly #parts: EndpointParts
  readonly #admission: Admission
  readonly #heartbeat: Heartbeat
  /** Also those that have closed, until the last of what they brought is done. */
  readonly #connections = new Set<Connection>()
  #peers: Map<string, Connection> | undefined
  #server: SharedResource<HttpServer> | undefined
  #isMounted = false
  #isQuiesced = false

  constructor(entry: RouteEntry, parts: EndpointParts) {
    this.#entry = entry
    this.#parts = parts
    this.#admission = new Admission(parts.options)
    this.#heartbeat = new Heartbeat(entry.clock, parts.options.pingInterval, () => this.#peers?.values() ?? [])
  }

  async start(signal: AbortSignal): Promise<void> {
    const { address, options, secure, peers } = this.#parts
    const { WebSocketServer } = await loadWs()
    signal.throwIfAborted()
    const protocol = new WebSocketServer({
      ...frameLimits(options),
      noServer: true,
      clientTracking: false,
      handleProtocols: offer => this.#admission.subProtocol(offer) ?? false,
    })
    this.#server = await this.#open()
    signal.throwIfAborted()
    this.#server.value.mount(address.path, (...handshake) => this.#upgrade(protocol, ...handshake))
    this.#isMounted = true
    this.#peers = peers.enter(address)
    this.#heartbeat.start()
    this.#entry.log.info(`listening at ${secure ? 'wss' : 'ws'}://${this.#server.value.where}${address.path}`)
  }

  /** New peers are refused; what was read from the others is handed in. */
  async quiesce(): Promise<void> {
    this.#isQuiesced = true
    await Promise.all([...this.#connections].map(({ inbox }) => inbox.drain()))
  }

  async close(forced: boolean): Promise<void> {
    const { address, peers } = this.#parts
    this.#isQuiesced = true
    this.#heartbeat.stop()
    await Promise.all([...this.#connections].map(connection => this.#end(connection, forced)))
    if (this.#isMounted) this.#server?.value.unmount(address.path)
    if (this.#peers !== undefined) peers.leave(address)
    await this.#server?.release()
  }

  /** Consumers of other paths may be at the same port: they share the server, and must agree on its settings. */
  #open(): Promise<SharedResource<HttpServer>> {
    const { address, options, secure, shared, uri } = this.#parts
    const { handshakeTimeout, keyFile, certFile, caFile, passphrase, needClientAuth, sslContextParameters } = options
    const settings = {
      handshakeTimeout,
      ...(secure && { secure, keyFile, certFile, caFile, passphrase, needClientAuth, sslContextParameters }),
    }
    const { port } = address
    const host = bareHost(address.host)
    return shared.acquire(
      `websocket server ${address.host}:${port}`,
      settings,
      async () => {
        const tls = secure ? await serverTls(options, uri) : undefined
        const { clock, log } = this.#entry
        const troubled = (error: Error) => log.warn(`${uri} cannot take a connection: ${messageOf(error)}`)
        return new HttpServer({ host, port, clock, handshakeTimeout, tls, troubled }).listen()
      },
      server => server.close(),
    )
  }

  async #end(connection: Connection, forced: boolean): Promise<void> {
    if (!forced) return connection.end(this.#entry.clock, CLOSE_GRACE_MS)
    connection.inbox.drop()
    connection.terminate('ended by force')
    await connection.closed
  }

  #upgrade(protocol: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): void {
    const stopping = this.#isQuiesced ? { status: 503, reason: 'the route stops' } : undefined
    const refusal = stopping ?? this.#admission.refusal(request, this.#connections.size)
    if (refusal === undefined) {
      protocol.handleUpgrade(request, socket, head, websocket => this.#opened(websocket, request, url))
    } else {
      refuse(socket, refusal.status)
      this.#entry.log.debug(`refused a connection from ${request.socket.remoteAddress}: ${refusal.reason}`)
    }
  }

  #opened(socket: WebSocket, request: IncomingMessage, url: URL): void {
    const { maxInFlight, maxPayload, fireWebSocketConnectionEvents: fireEvents, exchangePattern } = this.#parts.options
    const key = randomUUID()
    const raw: Socket = request.socket
    const delivery = { fireEvents, pattern: exchangePattern }
    const connection = new Connection({
      key,
      socket,
      raw,
      headers: [
        ...connectionHeaders(key, raw, socket.protocol),
        ...handshakeHeaders(request, url, this.#parts.options),
      ],
      maxInFlight,
      maxPayload,
      held: false,
      fireEvents,
      hand: (incoming, from) => deliver(this.#entry, from, incoming, delivery),
      failed: (failure, from) => this.#failed(failure, from),
    })
    this.#connections.add(connection)
    this.#peers?.set(key, connection)
    this.#entry.log.debug(`connected: ${connection.remoteAddress}`)
    connection.announce()
    void this.#forget(connection)
  }

  async #forget(connection: Connection): Promise<void> {
    const { text } = await connection.closed
    this.#peers?.delete(connection.key)
    this.#entry.log.debug(`disconnected: ${connection.remoteAddress}: ${text}`)
    await connection.inbox.idle()
    this.#connections.delete(connection)
  }

  /** What a hostile peer can cause as often as it likes is not for everybody's log. */
  #failed({ text, isTooLong }: ProtocolFailure, { remoteAddress }: Connection): void {
    this.#entry.log.log(isTooLong ? 'warn' : 'debug', `ended the connection of ${remoteAddress}: ${text}`)
  }
}
