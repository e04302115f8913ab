import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { eventually } from '@dromedary/testing'

/** The other end of a connection: what it received, and what became of it. */
export class Peer {
  readonly socket: Socket
  readonly #chunks: Buffer[] = []
  /** The other side has said all. */
  ended = false
  closed = false
  error: NodeJS.ErrnoException | undefined

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => void this.#chunks.push(chunk))
    socket.on('end', () => {
      this.ended = true
    })
    socket.on('error', error => {
      this.error = error
    })
    socket.on('close', () => {
      this.closed = true
    })
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** How many bytes it received. */
  get size(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0)
  }

  get text(): string {
    return this.received.toString('latin1')
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data)
  }

  /** Resolves once it has received that text as a whole. */
  async gets(text: string): Promise<void> {
    await eventually(() => {
      if (this.text !== text) throw new Error(`received ${JSON.stringify(this.text.slice(0, 200))}`)
    })
  }

  async isClosed(within = 5_000): Promise<void> {
    await eventually(() => this.closed || this.ended, { within })
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** A client that is connected. */
export function dial(to: number | string, host = '127.0.0.1'): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({
      ...(typeof to === 'number' ? { port: to, host } : { path: to }),
      allowHalfOpen: true,
    })
    const peer = new Peer(socket)
    socket.once('connect', () => resolve(peer))
    socket.once('error', reject)
  })
}

/** A server that keeps whoever connects. */
export class PeerServer {
  readonly peers: Peer[] = []
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, greet: (peer: Peer) => void) {
    this.#server = server
    const address = server.address()
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      const peer = new Peer(socket)
      this.peers.push(peer)
      greet(peer)
    })
  }

  /** On a port of its own, or on that one. */
  static async start(greet: (peer: Peer) => void = () => {}, port = 0): Promise<PeerServer> {
    const server = createServer({ allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    return new PeerServer(server, greet)
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size
  }

  /** The peer that came as the `index`th, once it has come. */
  async peer(index = 0): Promise<Peer> {
    return eventually(() => {
      const peer = this.peers[index]
      if (peer === undefined) throw new Error(`no connection ${index}`)
      return peer
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>(resolve => void this.#server.close(() => resolve()))
  }
}
