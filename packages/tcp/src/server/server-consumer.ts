import { createServer, type Server, type Socket } from 'node:net'
import type { Consumer, RouteEntry } from '@dromedary/core/component'
import { type Address, hostAndPort, writeAddress } from '../address.ts'
import { Connection } from '../connection/connection.ts'
import { Ticks } from '../connection/ticks.ts'
import type { Traffic } from '../connection/traffic.ts'
import { tune } from '../connection/tune.ts'
import type { TcpPlan } from '../plan.ts'
import { listen } from './listen.ts'
import { ServerLog } from './server-log.ts'

/** Listens, and takes what its clients send. */
export class ServerConsumer implements Consumer {
  readonly #plan: TcpPlan
  readonly #log: ServerLog
  readonly #traffic: Traffic
  readonly #connections = new Set<Connection>()
  /** With TLS: the sockets beneath, from before the handshake on. */
  readonly #encrypted = new Set<Socket>()
  #server: Server | undefined
  #quiesced = false
  /** Where it listens: port 0 is another one each time, but not after a pause. */
  #address: Address

  constructor(entry: RouteEntry, plan: TcpPlan) {
    const { settings } = plan
    this.#plan = plan
    this.#address = plan.address
    this.#log = new ServerLog(entry, settings, plan.uri)
    this.#traffic = {
      entry,
      framing: plan.framing,
      settings,
      ticks: new Ticks(entry.clock, [settings.frameTimeout, settings.readerIdleTimeout], this.#connections),
      refused: (connection, reason) => this.#log.refused(connection.remoteAddress, reason),
      broken: (connection, error) => this.#log.broken(connection.remoteAddress, error),
      closed: connection => this.#log.disconnected(connection),
      gone: connection => void this.#connections.delete(connection),
    }
  }

  async start(signal: AbortSignal): Promise<void> {
    const server = await this.#makeServer()
    signal.throwIfAborted()
    this.#server = server
    await this.#listen(server, signal)
  }

  /** Takes no more connections; what the others have sent, and was read, enters. */
  async quiesce(): Promise<void> {
    this.#quiesced = true
    this.#server?.close()
    await Promise.all([...this.#connections].map(connection => connection.quiesce(false)))
  }

  /** Listens on the same port again; who is connected still is. */
  async resume(): Promise<void> {
    const server = await this.#makeServer()
    this.#server = server
    await this.#listen(server)
    this.#quiesced = false
    for (const connection of this.#connections) connection.start()
    this.#traffic.ticks.run()
  }

  async close(forced: boolean): Promise<void> {
    this.#server?.close()
    await Promise.all([...this.#connections].map(connection => connection.close(forced)))
    // What is left is in the middle of a handshake.
    for (const socket of this.#encrypted) socket.destroy()
    this.#traffic.ticks.stop()
  }

  async #makeServer(): Promise<Server> {
    const { settings, secure } = this.#plan
    const made = await secure()
    // A client that has said all may still wait for its replies.
    const options = { allowHalfOpen: true }
    const server = made
      ? made.tls.createServer({
          ...options,
          ...made.material,
          requestCert: settings.needClientAuth,
          rejectUnauthorized: settings.needClientAuth,
          handshakeTimeout: settings.connectTimeout,
        })
      : createServer(options)
    server.maxConnections = settings.maxConnections
    server.on('drop', () => this.#log.full())
    if (made) {
      server.on('connection', socket => this.#beneath(socket))
      server.on('tlsClientError', (error, socket) => {
        // One that is closed has no address any more.
        this.#log.refused(hostAndPort(socket.remoteAddress, socket.remotePort), error)
        socket.destroy()
      })
    }
    return server.on(made ? 'secureConnection' : 'connection', socket => this.#connected(socket))
  }

  async #listen(server: Server, signal?: AbortSignal): Promise<void> {
    const { settings, uri } = this.#plan
    await listen(server, { address: this.#address, backlog: settings.backlog, uri, signal })
    server.on('error', error => this.#log.failed(error))
    const bound = server.address()
    if (typeof bound === 'object' && bound !== null && 'port' in this.#address) {
      this.#address = { ...this.#address, port: bound.port }
      this.#log.listens(hostAndPort(bound.address, bound.port), bound.port)
    } else this.#log.listens(writeAddress(this.#address), undefined)
  }

  #beneath(socket: Socket): void {
    this.#encrypted.add(socket)
    socket.once('close', () => this.#encrypted.delete(socket))
  }

  #connected(socket: Socket): void {
    // A handshake that began before the quiesce.
    if (this.#quiesced) return void socket.destroy()
    tune(socket, this.#plan.settings)
    const connection = new Connection(socket, this.#traffic)
    this.#connections.add(connection)
    this.#log.connected(connection)
    this.#traffic.ticks.run()
    connection.start()
  }
}
