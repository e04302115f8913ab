import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { lineOf } from '../line.ts'
import { program, serve } from './serve.ts'

/** Bytes that are written at once. */
const PIECE = 1 << 16

/**
 * The feed: one connection to a port, `send <first> <count>` writes lines as fast as they are taken. They are made before
 * the first of them leaves.
 */
await program(async ([port]) => {
  const socket = await connected(Number(port))
  const send = async (first: number, count: number) => {
    const text = Buffer.from(Array.from({ length: count }, (_, i) => `${lineOf(first + i)}\n`).join(''), 'latin1')
    for (let at = 0; at < text.length; at += PIECE) {
      if (socket.write(text.subarray(at, at + PIECE))) continue
      await new Promise<void>(resolve => socket.once('drain', resolve))
    }
    return 'sent'
  }
  await serve(
    'a Node process',
    ([, first, count]) => send(Number(first), Number(count)),
    async () => void socket.destroySoon(),
  )
})

/** Who listens may still have to become the leader. */
async function connected(port: number): Promise<Socket> {
  const end = performance.now() + 60_000
  for (;;) {
    const socket = createConnection(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      if (performance.now() > end) throw error
      await wait(50)
    }
  }
}
