import { systemClock } from '@dromedary/core'
import type { Exchange } from '@dromedary/core/component'
import { eventually, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { ClientConsumer } from '../src/client/consumer.ts'
import { Peers } from '../src/connection/peers.ts'
import { websocketSchema } from '../src/options.ts'
import { ServerConsumer } from '../src/server/consumer.ts'
import { freePort } from './support/free-port.ts'
import { startAt, startProducer, withPeers } from './support/route.ts'
import { TestClient } from './support/test-client.ts'
import { TestServer } from './support/test-server.ts'

const KEY = 'CamelVertxWebsocket.connectionKey'
const ALL = 'CamelVertxWebsocket.sendToAll'

/** A server with peers whose keys are known, and a producer to the same address. */
async function hub(count: number, query = '', run: (exchange: Exchange) => unknown = () => {}) {
  const port = await freePort()
  const route = fakeRoute({ clock: systemClock, route: run })
  const server = withPeers(await startAt(route, `ws:127.0.0.1:${port}/hub`))
  const peers: TestClient[] = []
  const keys: string[] = []
  for (let at = 0; at < count; at++) {
    const peer = await server.connect()
    peer.send('who am I')
    await eventually(() => expect(route.exchanges).toHaveLength(at + 1))
    peers.push(peer)
    keys.push(String(route.exchanges[at]?.message.header(KEY)))
  }
  const producer = await startProducer(`ws:127.0.0.1:${port}/hub${query}`, route)
  return { ...producer, server, peers, keys, received: () => peers.map(peer => peer.received) }
}

describe('a producer to the peers of a server', () => {
  it('answers the peer that an exchange came from', async () => {
    const { send, keys, received } = await hub(3)
    await send('for you', { [KEY]: keys[1] })
    await eventually(() => expect(received()).toEqual([[], ['for you'], []]))
  })

  it('sends to several keys, and to those of them that are there', async () => {
    const { send, keys, received } = await hub(3)
    await send('for two', { [KEY]: `${keys[0]}, ${keys[2]},gone` })
    await eventually(() => expect(received()).toEqual([['for two'], [], ['for two']]))
  })

  it('fails when none of them is there', async () => {
    const { send, peers, keys, server } = await hub(2)
    peers[0]?.terminate()
    await eventually(() =>
      expect(send('x', { [KEY]: keys[0] })).rejects.toThrow(
        expect.objectContaining({ code: 'DROMEDARY_CONNECTION_FAILED' }),
      ),
    )
    expect(server.route.errors).toEqual([])
  })

  it('sends to all by option or by header, which may also say no', async () => {
    for (const [query, header, expected] of [
      ['?sendToAll=true', undefined, 'all'],
      ['?sendToAll=true', false, 'one'],
      ['', true, 'all'],
      ['', 'true', 'all'],
    ] as const) {
      const { send, keys, received } = await hub(2, query)
      await send('news', { [KEY]: keys[0], ...(header !== undefined && { [ALL]: header }) })
      await send(Buffer.from([1]), { [KEY]: keys[0], ...(header !== undefined && { [ALL]: header }) })
      const both = ['news', Buffer.from([1])]
      await eventually(() => expect(received()).toEqual([both, expected === 'all' ? both : []]))
    }
  })

  it('fails for one key whose peer does not read, but not where another one does', async () => {
    const { send, peers, keys } = await hub(3, '?sendTimeout=500&maxBufferedAmount=0')
    const block = Buffer.alloc(1_000_000)
    peers[0]?.socket.pause()
    for (let at = 0; at < 30; at++) await send(block, { [KEY]: `${keys[0]},${keys[1]}` })
    await eventually(() => expect(peers[1]?.received).toHaveLength(30))
    peers[2]?.socket.pause()
    const alone = async () => {
      for (let at = 0; at < 30; at++) await send(block, { [KEY]: keys[2] })
    }
    await expect(alone()).rejects.toThrow(/has not read for 500 ms/)
  })

  it('to all of nobody is no failure', async () => {
    const { send } = await hub(0, '?sendToAll=true')
    await send('news')
  })

  it('disconnects a peer that does not read, and serves the others', async () => {
    const { send, peers } = await hub(3, '?sendToAll=true&sendTimeout=1s&maxBufferedAmount=0')
    peers[1]?.socket.pause()
    const block = Buffer.alloc(256 * 1024)
    const count = 60
    for (let at = 0; at < count; at++) await send(block)
    for (const at of [0, 2]) await eventually(() => expect(peers[at]?.received).toHaveLength(count))
    peers[1]?.socket.resume()
    expect((await peers[1]?.closed)?.code).toBe(1006)
    expect(peers[1]?.received.length).toBeLessThan(count)
  })

  it('lets a server hand in what a peer sent that was disconnected because it does not read', async () => {
    const open: (() => void)[] = []
    const { send, peers, keys, route, server } = await hub(1, '?sendTimeout=20&maxBufferedAmount=0', ({ body }) =>
      body === 'who am I' ? undefined : new Promise<void>(resolve => void open.push(resolve)),
    )
    for (let at = 0; at < 10; at++) peers[0]?.send(String(at))
    await eventually(() => expect(open).toHaveLength(1))
    peers[0]?.socket.pause()
    const fill = async () => {
      for (let at = 0; at < 30; at++) await send(Buffer.alloc(1_000_000), { [KEY]: keys[0] })
    }
    await expect(fill()).rejects.toThrow(/has not read/)
    await eventually(() => expect(send('x', { [KEY]: keys[0] })).rejects.toThrow(/no peer with/))
    await settle(5)
    const quiescing = server.consumer.quiesce()
    const release = setInterval(() => open.pop()?.(), 1)
    await quiescing
    expect(route.bodies.slice(1)).toEqual(Array.from({ length: 10 }, (_, at) => String(at)))
    await eventually(() => expect(route.inFlight).toBe(0))
    clearInterval(release)
  })

  it('is a client where the context has no consumer at the address, whatever the headers say', async () => {
    const other = await TestServer.listen()
    const { route, keys } = await hub(1)
    const { send } = await startProducer(`ws:127.0.0.1:${other.port}/hub?sendToAll=true`, route)
    await send('hello', { [KEY]: keys[0] })
    await eventually(() => expect(other.accepted[0]?.received).toEqual(['hello']))
  })

  it('is a client of its own server without either', async () => {
    const { send, route, received } = await hub(1)
    await send('to the server')
    await eventually(() => expect(route.bodies).toContain('to the server'))
    await settle(5)
    expect(received()).toEqual([[]])
  })
})

describe('the table of peers', () => {
  const parts = (options: object, port: number) => {
    const peers = new Peers()
    const address = { host: '127.0.0.1', port, path: '/' }
    const settings = websocketSchema().parse({ reconnectInterval: 3_600_000, ...options })
    const route = fakeRoute({ clock: systemClock })
    return {
      route,
      peers,
      address,
      endpoint: { uri: 'ws://x', secure: false, options: settings, peers, address, shared: route.shared },
    }
  }
  const never = new AbortController().signal

  it('of a server forgets whoever has gone, and is gone itself after a stop', async () => {
    const port = await freePort()
    const { route, peers, address, endpoint } = parts({}, port)
    const consumer = new ServerConsumer(route.entry, endpoint)
    await consumer.start(never)
    const peer = await TestClient.connect(`ws://127.0.0.1:${port}/`)
    await eventually(() => expect(peers.at(address)?.size).toBe(1))
    peer.terminate()
    await eventually(() => expect(peers.at(address)?.size).toBe(0))
    await consumer.quiesce()
    await consumer.close(false)
    expect(peers.at(address)).toBeUndefined()
  })

  it('of a client is gone with its connection', async () => {
    const server = await TestServer.listen()
    const { route, peers, address, endpoint } = parts({ consumeAsClient: true }, server.port)
    const consumer = new ClientConsumer(route.entry, endpoint, Math.random)
    await consumer.start(never)
    expect(peers.at(address)?.size).toBe(1)
    server.connections[0]?.socket.terminate()
    await eventually(() => expect(peers.at(address)).toBeUndefined())
    await consumer.quiesce()
    await consumer.close(false)
  })
})

describe('a producer to the connection of a client consumer', () => {
  it('answers on it', async () => {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.send('ping?') })
    const route = fakeRoute({ clock: systemClock })
    await startAt(route, `ws:127.0.0.1:${server.port}/feed?consumeAsClient=true`)
    await eventually(() => expect(route.exchanges).toHaveLength(1))
    const { send } = await startProducer(`ws:127.0.0.1:${server.port}/feed`, route)
    await send('pong!', { [KEY]: route.exchanges[0]?.message.header(KEY) })
    await eventually(() => expect(server.accepted[0]?.received).toEqual(['pong!']))
    expect(server.accepted).toHaveLength(1)
  })
})
