import { createServer, type Server, type Socket } from 'node:net'
import { type Client, readRequest } from './client.ts'
import type { Crowd } from './crowd.ts'
import type { Message } from './message.ts'

/** Longest request that is read. */
const MOST = 64

/** Each message is a line. */
export function tcpServer(message: Message, crowd: Crowd): Server {
  return createServer({ noDelay: true }, socket => {
    const client = clientOf(socket, message, () => ended)
    const seat = crowd.enter(client)
    let heard = ''
    let ended = false
    const over = () => {
      ended = true
      seat.leave()
    }
    socket.setEncoding('latin1')
    socket.on('data', (text: unknown) => {
      if (seat.seated) return
      heard += String(text)
      const line = heard.indexOf('\n')
      if (line < 0 && heard.length < MOST) return
      seat.request(readRequest(heard.slice(0, line + 1)))
    })
    // The other side will not take anything any more, whatever it may still do with its half of the connection.
    socket.on('end', () => {
      ended = true
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', over)
  })
}

function clientOf(socket: Socket, message: Message, ended: () => boolean): Client {
  let next = 1
  return {
    protocol: 'tcp',
    address: `${socket.remoteAddress}:${socket.remotePort}`,
    get alive() {
      return !ended() && !socket.destroyed
    },
    send(first, last, taken) {
      let lines = ''
      for (let n = first; n <= last; n++) lines += `${message(n)}\n`
      next = last + 1
      socket.write(lines, 'latin1', error => {
        if (!error) taken()
      })
      return lines.length
    },
    drop(how) {
      if (how === 'reset') socket.resetAndDestroy()
      else if (how === 'cut') socket.end(message(next).slice(0, 10), 'latin1')
      else socket.end()
    },
    destroy: () => socket.destroy(),
  }
}
