import { type ClientOptions, WebSocket } from 'ws'

/** How a connection ended. */
export interface Ended {
  readonly code: number
  readonly reason: string
}

/** A peer of a server under test, which remembers what it was sent. */
export class TestClient {
  readonly socket: WebSocket
  readonly received: (string | Buffer)[] = []
  readonly closed: Promise<Ended>

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data, isBinary) => this.received.push(isBinary ? (data as Buffer) : String(data)))
    socket.on('error', () => {})
    this.closed = new Promise(resolve => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    })
  }

  /** Rejects with what the library says, such as `Unexpected server response: 403`. */
  static async connect(url: string, options: ClientOptions & { protocols?: string[] } = {}): Promise<TestClient> {
    const { protocols = [], ...rest } = options
    const client = new TestClient(new WebSocket(url, protocols, rest))
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve)
      client.socket.once('error', reject)
    })
    return client
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  send(data: string | Buffer): void {
    this.socket.send(data)
  }

  terminate(): void {
    this.socket.terminate()
  }
}
