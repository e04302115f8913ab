import { readdirSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { createContext, from, silentSink } from '@dromedary/core'
import { tcp } from '@dromedary/tcp'
import { program, serve } from './serve.ts'

/**
 * Listens at a port of 127.0.0.1 for lines: `dromedary <port> <most>` by a route, `net <port>` by Node alone. `state` says
 * how many sockets are open, bytes that are resident and bytes in use by JavaScript after a collection, and the lines that
 * have come.
 */
await program(async ([kind, port = '', most]) => {
  let lines = 0
  const count = () => void lines++
  const close = kind === 'net' ? await bare(Number(port), count) : await route(port, most ?? '', count)
  const state = () => {
    // Twice: what finalisers let go of is free after the second.
    globalThis.gc?.()
    globalThis.gc?.()
    const { rss, heapUsed, external } = process.memoryUsage()
    return `state ${openSockets()} ${rss} ${heapUsed + external} ${lines}`
  }
  await serve(`node ${process.version}`, state, close)
})

async function route(port: string, most: string, count: () => void): Promise<() => Promise<unknown>> {
  const context = createContext({
    name: 'bench-idle',
    log: silentSink,
    components: [tcp],
    routes: [
      from(`tcp:127.0.0.1:${port}?textline=true&sync=false&maxConnections=${most}`).routeId('idle').process(count),
    ],
  })
  await context.start()
  return () => context.stop()
}

async function bare(port: number, count: () => void): Promise<() => Promise<unknown>> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', chunk => {
      for (const byte of chunk as Buffer) if (byte === 10) count()
    })
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return async () => server.close()
}

/** Of this process. Linux only. */
function openSockets(): number {
  const folder = '/proc/self/fd'
  return readdirSync(folder).filter(fd => isSocket(`${folder}/${fd}`)).length
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    return false
  }
}
