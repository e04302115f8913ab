import { systemClock } from '@dromedary/core'
import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { ws } from '../src/index.ts'
import { freePort } from './support/free-port.ts'
import { acceptance, rawServer } from './support/raw-peer.ts'
import { startConsumer } from './support/route.ts'
import { TestServer } from './support/test-server.ts'

const client = (port: number, query = '') =>
  `ws:127.0.0.1:${port}/feed?consumeAsClient=true&reconnectInitialDelay=5${query}`

describe('a connection that is lost', () => {
  it.each([
    ['is closed by the server', (server: TestServer) => server.connections[0]?.socket.close(1012, 'restart\nnow')],
    ['breaks', (server: TestServer) => server.connections[0]?.socket.terminate()],
    [
      'breaks the protocol',
      (server: TestServer) => {
        const raw = server.connections[0]?.request.socket
        raw?.write(Buffer.from([0x83, 0x00]))
      },
    ],
  ])('is made again when it %s', async (_, lose) => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => socket.send(`hello ${server.accepted.length}`),
    })
    const { route } = await startConsumer(client(server.port))
    await eventually(() => expect(route.bodies).toEqual(['hello 1']))
    lose(server)
    await eventually(() => expect(route.bodies).toEqual(['hello 1', 'hello 2']))
    expect(route.states).toEqual(['connected', 'disconnected', 'connected'])
    expect(server.connections).toHaveLength(1)
  })

  it('is made again each time, without anything piling up', async () => {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.send('x', () => socket.terminate()) })
    const { route, consumer } = await startConsumer(client(server.port, '&reconnectInterval=1&reconnectJitter=0'))
    await eventually(() => expect(server.accepted.length).toBeGreaterThan(50))
    await consumer.quiesce()
    expect(server.connections.length).toBeLessThan(2)
    expect(route.errors).toEqual([])
  })

  it('after a long life is made again soon, whatever it took to make it', async () => {
    const clock = new FakeClock()
    const port = await freePort()
    const uri = client(port, '&reconnectJitter=0&pingInterval=0')
    const { route } = await startConsumer(uri, { clock })
    for (const delay of [5, 10, 20, 40]) {
      await eventually(() => expect(clock.nextIn).toBe(delay))
      if (delay < 40) await clock.advance(delay)
    }
    const server = await TestServer.listen({ listenAt: port })
    await clock.advance(40)
    await eventually(() => expect(route.states).toEqual(['disconnected', 'connected']))
    await clock.advance(41)
    server.connections[0]?.socket.terminate()
    await eventually(() => expect(clock.nextIn).toBe(5))
  })

  it('because of a message longer than maxPayload leaves one line that says so', async () => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        if (server.accepted.length === 1) socket.send('x'.repeat(1_001))
      },
    })
    const { route } = await startConsumer(client(server.port, '&maxPayload=1000'))
    const reasons: unknown[] = []
    Object.assign(route.entry, { reportState: (_: string, reason: unknown) => reasons.push(reason) })
    await eventually(() => expect(server.accepted).toHaveLength(2))
    expect(server.accepted[0]?.code).toBe(1009)
    expect(route.exchanges).toEqual([])
    expect(reasons[0]).toContain('maxPayload, 1000 bytes')
  })

  it('to a dead peer is found after one to two intervals', async () => {
    const clock = new FakeClock()
    const connections: { received: string }[] = []
    const { port } = await rawServer(socket => {
      const one = { received: '' }
      connections.push(one)
      socket.on('data', chunk => {
        one.received += chunk.toString('latin1')
      })
      socket.once('data', chunk => socket.write(acceptance(String(chunk))))
    })
    const { route } = await startConsumer(client(port, '&pingInterval=1s&reconnectJitter=0'), { clock })
    await clock.advance(1_000)
    await eventually(() => expect(connections[0]?.received.charCodeAt(connections[0].received.length - 6)).toBe(0x89))
    expect(route.states).toEqual(['connected'])
    await clock.advance(1_000)
    await eventually(() => expect(route.states).toEqual(['connected', 'disconnected']))
    await eventually(async () => {
      await clock.advance(100)
      expect(connections).toHaveLength(2)
    })
  })
})

describe('stopping a client', () => {
  it('takes milliseconds, also where the server does not answer the closing frame', async () => {
    const received: Buffer[] = []
    const { port } = await rawServer(socket => {
      socket.on('data', chunk => received.push(chunk))
      socket.once('data', chunk => socket.write(acceptance(String(chunk))))
    })
    const { stop } = await startConsumer(client(port))
    const begun = performance.now()
    await stop()
    expect(performance.now() - begun).toBeLessThan(300)
    const closing = Buffer.concat(received).subarray(-8)
    expect(closing[0]).toBe(0x88)
  })

  it('tells a server that answers 1001, and hands in what was read', async () => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        for (let at = 0; at < 50; at++) socket.send(String(at))
      },
    })
    const { route, consumer, stop } = await startConsumer(client(server.port), { route: () => settle(2) })
    await eventually(() => expect(route.exchanges.length).toBeGreaterThan(2))
    await consumer.quiesce()
    expect(route.exchanges).toHaveLength(50)
    server.broadcast('late')
    await stop()
    await eventually(() => expect(server.accepted[0]?.code).toBe(1001))
    expect(route.exchanges).toHaveLength(50)
    expect(route.states).toEqual(['connected'])
  })

  it('while it waits to connect again ends at once', async () => {
    const clock = new FakeClock()
    const server = await TestServer.listen()
    const { stop } = await startConsumer(client(server.port), { clock })
    await server.close()
    await eventually(() => expect(clock.pending).toBe(2))
    await stop()
    expect(clock.pending).toBe(0)
  })

  it('by force leaves nothing, whatever is under way', async () => {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.send('1') })
    const { route, stop } = await startConsumer(client(server.port), { route: () => new Promise(() => {}) })
    await eventually(() => expect(route.inFlight).toBe(1))
    await stop(true)
    await eventually(() => expect(server.connections).toEqual([]))
  })

  it('lets nothing in of a connection that is ready in that very moment', async () => {
    const server = await TestServer.listen()
    const talk = setInterval(() => server.broadcast('hello'), 1)
    for (let microtasks = 0; microtasks < 30; microtasks++) {
      const quiesced = Promise.withResolvers<void>()
      const stopAfter = (left: number): void => {
        if (left === 0) void Promise.resolve(consumer.quiesce()).then(quiesced.resolve)
        else queueMicrotask(() => stopAfter(left - 1))
      }
      let connections = 0
      const onConnect = () => {
        if (++connections === 2) stopAfter(microtasks)
        return undefined
      }
      const { route, consumer, stop } = await startConsumer(client(server.port), {}, ws({ onConnect }))
      server.connections[0]?.socket.terminate()
      await quiesced.promise
      const entered = route.exchanges.length
      await settle(20)
      expect(route.exchanges).toHaveLength(entered)
      await stop()
      await eventually(() => expect(server.connections).toEqual([]))
    }
    clearInterval(talk)
  })

  it('lets nothing in of a connection that opens while it stops', async () => {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.send('hello') })
    for (let turns = 0; turns < 30; turns++) {
      const route = fakeRoute({ clock: systemClock })
      const consumer = route.consumer(ws, client(server.port))
      const abort = new AbortController()
      const starting = Promise.resolve(consumer.start(abort.signal)).catch(() => {})
      await settle(turns)
      abort.abort(new Error('stop'))
      await starting
      await consumer.quiesce()
      const entered = route.exchanges.length
      await settle(10)
      expect(route.exchanges).toHaveLength(entered)
      await consumer.close(false)
      await eventually(() => expect(server.connections).toEqual([]))
    }
  })
})
