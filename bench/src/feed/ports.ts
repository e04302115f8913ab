import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range from which kernels take ports for outgoing connections: a JVM takes seconds until it listens. */
const FIRST = 20_000
const LAST = 30_000

/** A port of 127.0.0.1 on which nobody listens now, and which no outgoing connection is given. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST, LAST)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port of 127.0.0.1 between ${FIRST} and ${LAST} in 100 attempts`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
