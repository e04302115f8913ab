import { createHash } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP socket, for peers that do what no WebSocket library would. */
export class RawPeer {
  readonly socket: Socket
  /** Everything that came, as text. */
  received = ''
  readonly closed: Promise<void>

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', chunk => {
      this.received += chunk
    })
    socket.on('error', () => {})
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const peer = new RawPeer(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return peer
  }

  /** A connection that is a WebSocket by now, and says nothing more by itself. */
  static async upgraded(port: number, path = '/feed'): Promise<RawPeer> {
    const peer = await RawPeer.connect(port)
    peer.send(handshake(path))
    while (!peer.received.includes('\r\n\r\n')) await new Promise(resolve => peer.socket.once('data', resolve))
    return peer
  }

  send(data: string | Buffer): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  }
}

export function handshake(path: string, more = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`
}

/** A frame as a client sends it, with a mask of zeros. */
export function frame(
  opcode: number,
  payload: Buffer,
  options: { readonly fin?: boolean; readonly length?: number } = {},
): Buffer {
  const { fin = true, length = payload.length } = options
  const head = Buffer.alloc(14)
  head[0] = (fin ? 0x80 : 0) | opcode
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

/** A listening TCP port, whose every connection is handed to `talk`. */
export async function rawServer(
  talk: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly server: Server }> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    talk(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, server }
}

/** What a server answers to a handshake that it accepts. */
export function acceptance(request: string): string {
  const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(request)?.[1] ?? ''
  const digest = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${digest}\r\n\r\n`
}
