import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Client, readRequest } from './client.ts'
import type { Crowd } from './crowd.ts'
import type { Message } from './message.ts'

/** Longest request that is read. */
const MOST = 64

/** Each message is a text message; any path will do. `?from=123` asks for what comes after it, as a text message `FROM 123` does. */
export function wsServer(message: Message, crowd: Crowd): Server {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST, perMessageDeflate: false })
  const server = createServer((_, response) => response.writeHead(426).end())
  server.on('upgrade', (request, duplex, head) => {
    const from = new URL(request.url ?? '/', 'ws://feed').searchParams.get('from')
    const raw = duplex as Socket
    sockets.handleUpgrade(request, duplex, head, socket => {
      const seat = crowd.enter(clientOf(socket, raw, message))
      socket.on('message', data => seat.request(readRequest(data.toString())))
      // What is no frame, or too long; the connection is closed by the library.
      socket.on('error', () => {})
      socket.on('close', () => seat.leave())
      if (from !== null) seat.request(readRequest(`FROM ${from}`))
    })
  })
  return server
}

function clientOf(socket: WebSocket, raw: Socket, message: Message): Client {
  return {
    protocol: 'websocket',
    address: `${raw.remoteAddress}:${raw.remotePort}`,
    get alive() {
      return socket.readyState === socket.OPEN && !raw.destroyed && !raw.readableEnded
    },
    send(first, last, taken) {
      let bytes = 0
      // One system call for all of them.
      raw.cork()
      for (let n = first; n <= last; n++) {
        const text = message(n)
        bytes += text.length
        if (n < last) socket.send(text)
        else socket.send(text, error => !error && taken())
      }
      raw.uncork()
      return bytes
    },
    drop(how) {
      if (how === 'end') socket.close(1001)
      else raw.resetAndDestroy()
    },
    destroy: () => socket.terminate(),
  }
}
