import { createConnection, type Socket } from 'node:net'
import { program, serve } from './serve.ts'

/** Connections that are made at a time: fewer than the listener keeps until they are accepted. */
const AT_A_TIME = 200

/** Arguments: a port of 127.0.0.1. `open <connections>` makes them, `speak <every>` sends a line over each so many-th. */
await program(async ([port]) => {
  const sockets: Socket[] = []
  const open = async (count: number) => {
    while (sockets.length < count) {
      const some = Math.min(AT_A_TIME, count - sockets.length)
      sockets.push(...(await Promise.all(Array.from({ length: some }, () => connection(Number(port))))))
    }
    return `open ${alive(sockets).length}`
  }
  const speak = (every: number) => {
    const speakers = alive(sockets).filter((_, at) => at % every === 0)
    for (const socket of speakers) socket.write('hello\n')
    return `spoke ${speakers.length} ${alive(sockets).length}`
  }
  await serve(
    'a Node process',
    ([command, number]) => (command === 'open' ? open(Number(number)) : speak(Number(number))),
    async () => {
      for (const socket of sockets) socket.destroy()
    },
  )
})

function alive(sockets: readonly Socket[]): Socket[] {
  return sockets.filter(socket => !socket.destroyed)
}

function connection(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1')
    // Its end shows in `destroyed`.
    socket.on('error', reject)
    // Without a reader the end of the other side would not be seen.
    socket.resume()
    socket.once('connect', () => resolve(socket))
  })
}
