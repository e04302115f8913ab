import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Clock, type ClockTimer, DromedaryError } from '@dromedary/core/component'
import { refuse } from './refuse.ts'

/** Takes a handshake for a path over. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, url: URL) => void

/** Where it listens, and how long it waits. */
export interface HttpServerParts {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  /** For a peer to send its whole handshake, ms. */
  readonly handshakeTimeout: number
  /** Undefined without TLS. */
  readonly tls: object | undefined
  /** The port cannot take peers (too many open files, for example). It goes on: those who knock wait in the kernel. */
  troubled(error: Error): void
}

/** Handshakes under way at a time. Beyond that the oldest is dropped: whoever sends it slowly loses, not whoever comes new. */
const MAX_HANDSHAKES = 1_000

/** One listening port, whose paths belong to several consumers. */
export class HttpServer {
  readonly #parts: HttpServerParts
  readonly #server: Server
  readonly #paths = new Map<string, Upgrade>()
  readonly #sockets = new Set<Socket>()
  /** Sockets whose handshake is not complete, the oldest first. */
  readonly #pending = new Map<Duplex, ClockTimer>()

  constructor(parts: HttpServerParts) {
    const { tls, handshakeTimeout } = parts
    this.#parts = parts
    this.#server = tls === undefined ? createServer() : createTlsServer({ handshakeTimeout, ...tls })
    this.#server.on('connection', socket => this.#track(socket))
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', socket => this.#greet(socket))
    this.#server.on('request', onlyWebsockets)
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Rejects when it cannot listen there. */
  async listen(): Promise<this> {
    const { host, port } = this.#parts
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    this.#server.on('error', error => this.#parts.troubled(error))
    return this
  }

  /** Where it really listens: with the port that the system chose. */
  get where(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return `${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** Throws `DROMEDARY_DUPLICATE_CONSUMER`. */
  mount(path: string, upgrade: Upgrade): void {
    if (this.#paths.has(path)) {
      throw new DromedaryError(
        'DROMEDARY_DUPLICATE_CONSUMER',
        `a second route consumes from ${path} at ${this.where}: give it a path of its own`,
      )
    }
    this.#paths.set(path, upgrade)
  }

  unmount(path: string): void {
    this.#paths.delete(path)
  }

  /** Ends every socket that is still there. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const timer of this.#pending.values()) timer.cancel()
    this.#pending.clear()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #greet(socket: Duplex): void {
    const { clock, handshakeTimeout } = this.#parts
    const [oldest] = this.#pending.size < MAX_HANDSHAKES ? [] : this.#pending.keys()
    oldest?.destroy()
    this.#pending.set(
      socket,
      clock.setTimeout(() => socket.destroy(), handshakeTimeout),
    )
    socket.once('close', () => this.#arrived(socket))
  }

  #arrived(socket: Duplex): void {
    this.#pending.get(socket)?.cancel()
    this.#pending.delete(socket)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#arrived(socket)
    const url = URL.parse(request.url ?? '', 'ws://host')
    const take = url === null ? undefined : this.#paths.get(url.pathname)
    if (url === null || take === undefined) refuse(socket, url === null ? 400 : 404)
    else take(request, socket, head, url)
  }
}

function onlyWebsockets(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { Upgrade: 'websocket', Connection: 'close', 'Content-Length': 0 }).end()
}
