import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the range from which kernels take ports for outgoing connections: while a server is down, its clients' own
 * attempts to reach it could be given its port, or even connect to themselves there.
 */
const FIRST = 20_000
const LAST = 30_000

/** Nobody else here gets them: what refuses connections for a while does not listen, and wants its port back. */
const given = new Set<number>()

/** A port of 127.0.0.1 on which nobody listens now, and which no outgoing connection is given. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST, LAST)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
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
