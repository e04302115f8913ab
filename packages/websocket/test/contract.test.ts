import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { systemClock } from '@dromedary/core'
import { sleep } from '@dromedary/core/component'
import { componentContract } from '@dromedary/testing/contracts'
import { ws } from '../src/index.ts'
import { freePort } from './support/free-port.ts'
import { TestClient } from './support/test-client.ts'
import { TestServer } from './support/test-server.ts'

const advance = async (ms: number) => {
  await sleep(systemClock, ms)
}

/** Servers of this process. */
const listening = () => process.getActiveResourcesInfo().filter(name => name === 'TCPServerWrap').length

/** Sockets that this process has connected to somewhere. */
const sockets: Socket[] = []
subscribe('net.client.socket', message => void sockets.push((message as { socket: Socket }).socket))

componentContract({
  name: 'a server',
  async create() {
    const port = await freePort()
    const clients = new Set<TestClient>()
    let client: TestClient | undefined
    return {
      component: ws,
      uri: `ws:127.0.0.1:${port}/feed`,
      clock: systemClock,
      advance,
      // Whoever sends connects when that is possible, as often as it takes.
      async offer() {
        if (client === undefined || !client.isOpen) {
          client = await TestClient.connect(`ws://127.0.0.1:${port}/feed`).catch(() => undefined)
          if (client !== undefined) clients.add(client)
        }
        client?.send('hello')
      },
      withinMs: 300,
      held: () => [...clients].filter(one => one.isOpen).length + listening(),
      async dispose() {
        for (const one of clients) one.terminate()
      },
    }
  },
  claims: { consumes: true, 'strict-options': true },
})

componentContract({
  name: 'a client',
  async create() {
    const server = await TestServer.listen()
    return {
      component: ws,
      uri: `ws:127.0.0.1:${server.port}/feed?consumeAsClient=true`,
      clock: systemClock,
      advance,
      offer: () => server.broadcast('hello'),
      withinMs: 300,
      held: () => sockets.filter(one => one.remotePort === server.port && !one.destroyed).length,
      dispose: () => server.close(),
    }
  },
  claims: { consumes: true, 'strict-options': true },
})
