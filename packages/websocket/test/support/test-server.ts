import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'

/** One connection that a client under test made. */
export interface Accepted {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  readonly received: (string | Buffer)[]
  /** Of its closing frame; undefined while it is open, 1006 without a frame. */
  code: number | undefined
}

export interface TestServerOptions extends ServerOptions {
  /** Default: any. */
  readonly listenAt?: number
  readonly server?: Server
  /** Called with each connection, before anything of it is read. */
  readonly onConnection?: (accepted: Accepted) => void
}

/** A server that clients under test connect to. */
export class TestServer {
  readonly accepted: Accepted[] = []
  readonly #http: Server
  readonly #server: WebSocketServer
  #closed: Promise<void> | undefined

  private constructor(http: Server, options: TestServerOptions) {
    const { onConnection, listenAt: _, server: __, ...rest } = options
    this.#http = http
    this.#server = new WebSocketServer({ ...rest, server: http })
    this.#server.on('connection', (socket, request) => {
      const one: Accepted = { socket, request, received: [], code: undefined }
      this.accepted.push(one)
      socket.on('message', (data, isBinary) => one.received.push(isBinary ? (data as Buffer) : String(data)))
      socket.on('error', () => {})
      socket.on('close', code => {
        one.code = code
      })
      onConnection?.(one)
    })
  }

  /** Ended at the end of the test. */
  static async listen(options: TestServerOptions = {}): Promise<TestServer> {
    const http = options.server ?? createServer()
    const server = new TestServer(http, options)
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(options.listenAt ?? 0, '127.0.0.1', resolve)
    })
    onTestFinished(() => server.close())
    return server
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port
  }

  /** Those that are open. */
  get connections(): Accepted[] {
    return this.accepted.filter(({ code }) => code === undefined)
  }

  broadcast(data: string | Buffer): void {
    for (const { socket } of this.connections) socket.send(data)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    for (const { socket } of this.connections) socket.terminate()
    this.#server.close()
    await new Promise(resolve => this.#http.close(resolve))
  }
}
