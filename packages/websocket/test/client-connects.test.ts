import { systemClock } from '@dromedary/core'
import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { ws } from '../src/index.ts'
import { freePort } from './support/free-port.ts'
import { rawServer } from './support/raw-peer.ts'
import { startConsumer } from './support/route.ts'
import { TestServer } from './support/test-server.ts'

const client = (port: number, query = '', path = '/feed') => `ws:127.0.0.1:${port}${path}?consumeAsClient=true${query}`

describe('a client consumer', () => {
  it('brings what the server sends, in order, from the very first message on', async () => {
    const texts = Array.from({ length: 300 }, (_, at) => String(at))
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        for (const text of texts) socket.send(text)
      },
    })
    const { route } = await startConsumer(client(server.port), { route: () => settle() })
    await eventually(() => expect(route.bodies).toEqual(texts))
    expect(route.states).toEqual(['connected'])
  })

  it('says which connection and which peer a message came from', async () => {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.send('hello') })
    const { route } = await startConsumer(client(server.port))
    await eventually(() => expect(route.exchanges).toHaveLength(1))
    expect(route.exchanges[0]?.message.headers.toJSON()).toEqual({
      'CamelVertxWebsocket.connectionKey': expect.stringMatching(/^[\da-f-]{36}$/),
      'CamelVertxWebsocket.remoteAddress': `127.0.0.1:${server.port}`,
    })
  })

  it('asks for path, query and headers as its URI says', async () => {
    const server = await TestServer.listen()
    const query = '&query.symbol=BTC%2FEUR&query.x=1&handshake.X-Token=abc'
    await startConsumer(client(server.port, query, '/a%20b'))
    const { url, headers } = server.accepted[0]?.request ?? {}
    expect(url).toBe('/a%20b?symbol=BTC%2FEUR&x=1')
    expect(headers).toMatchObject({ 'x-token': 'abc', host: `127.0.0.1:${server.port}` })
  })

  it.each([
    ['', (port: number) => `http://127.0.0.1:${port}`],
    ['&originHeaderUrl=https://me.example', () => 'https://me.example'],
    ['&allowOriginHeader=false', () => undefined],
    ['&allowOriginHeader=false&originHeaderUrl=https://me.example', () => undefined],
  ])('sends the Origin that %j asks for', async (query, expected) => {
    const server = await TestServer.listen()
    await startConsumer(client(server.port, query))
    expect(server.accepted[0]?.request.headers.origin).toBe(expected(server.port))
  })

  it('offers its sub-protocols in their order, and tells the route which was chosen', async () => {
    const server = await TestServer.listen({
      handleProtocols: offer => [...offer][1] ?? false,
      onConnection: ({ socket }) => socket.send('hello'),
    })
    const { route } = await startConsumer(client(server.port, '&clientSubProtocols=v2,v1'))
    await eventually(() => expect(route.exchanges).toHaveLength(1))
    expect(server.accepted[0]?.request.headers['sec-websocket-protocol']).toBe('v2,v1')
    expect(route.exchanges[0]?.message.header('DromedaryWebsocketSubProtocol')).toBe('v1')
  })

  it('agrees on compression only where perMessageDeflate says so', async () => {
    const server = await TestServer.listen({ perMessageDeflate: true })
    await startConsumer(client(server.port))
    await startConsumer(client(server.port, '&perMessageDeflate=true'))
    expect(server.accepted.map(({ socket }) => socket.extensions)).toEqual(['', 'permessage-deflate'])
  })

  it('has one exchange under way by default, or maxInFlight', async () => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        for (let at = 0; at < 10; at++) socket.send(String(at))
      },
    })
    for (const [query, count] of [
      ['', 1],
      ['&maxInFlight=3', 3],
    ] as const) {
      const { route } = await startConsumer(client(server.port, query), { route: () => new Promise(() => {}) })
      await eventually(() => expect(route.inFlight).toBe(count))
      await settle(10)
      expect(route.inFlight).toBe(count)
    }
  })
})

describe('a server that is not there', () => {
  it('does not keep the route from starting; it is reported once, and connected to when it comes', async () => {
    const port = await freePort()
    const { route } = await startConsumer(client(port, '&reconnectInitialDelay=5'))
    expect(route.states).toEqual(['disconnected'])
    await eventually(() => expect(route.logs.filter(({ level }) => level === 'debug').length).toBeGreaterThan(2))
    expect(route.states).toEqual(['disconnected'])
    expect(route.errors).toEqual([])
    const server = await TestServer.listen({ listenAt: port, onConnection: ({ socket }) => socket.send('at last') })
    await eventually(() => expect(route.bodies).toEqual(['at last']), { within: 14_000 })
    expect(route.states).toEqual(['disconnected', 'connected'])
    expect(server.accepted).toHaveLength(1)
  })

  it('is tried at growing distances', async () => {
    const clock = new FakeClock()
    const port = await freePort()
    const { route } = await startConsumer(client(port, '&reconnectJitter=0&pingInterval=0'), { clock })
    const attempts = () => route.logs.filter(({ message }) => message.startsWith('attempt')).length
    for (const [at, delay] of [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000].entries()) {
      await eventually(() => expect([attempts(), clock.nextIn]).toEqual([at + 1, delay]))
      await clock.advance(delay)
    }
  })

  it.each([
    ['reconnectInitialDelay=7', [7, 14]],
    ['reconnectBackOffMultiplier=3', [100, 300]],
    ['reconnectMaxDelay=150', [100, 150]],
    ['reconnectInterval=1s', [1_000, 1_000]],
  ])('is tried as %s says', async (query, delays) => {
    const clock = new FakeClock()
    const { route } = await startConsumer(client(await freePort(), `&reconnectJitter=0&${query}`), { clock })
    for (const [at, delay] of delays.entries()) {
      await eventually(() => expect([route.logs.length, clock.nextIn]).toEqual([at + 1, delay]))
      await clock.advance(delay)
    }
  })

  it('is given up after maxReconnectAttempts, with an error', async () => {
    const { route } = await startConsumer(client(await freePort(), '&reconnectInterval=1&maxReconnectAttempts=3'))
    await eventually(() => expect(route.errors).toHaveLength(1))
    expect(route.errors[0]?.error).toMatchObject({ code: 'DROMEDARY_CONNECTION_FAILED' })
    expect(route.logs.filter(({ message }) => message.startsWith('attempt'))).toHaveLength(4)
  })

  it('is a matter of handshakeTimeout when it takes connections and says nothing', async () => {
    const clock = new FakeClock()
    const ended = Promise.withResolvers<void>()
    const { port } = await rawServer(socket => void socket.resume().once('close', ended.resolve))
    const starting = startConsumer(client(port, '&handshakeTimeout=3s'), { clock })
    await eventually(() => expect(clock.nextIn).toBe(3_000))
    await clock.advance(3_000)
    const { route } = await starting
    expect(route.states).toEqual(['disconnected'])
    expect(route.logs[0]?.message).toContain('no handshake within 3000 ms')
    await ended.promise
  })

  it.each([
    ['speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['refuses', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'],
    ['sends elsewhere', 'HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'],
    [
      'accepts wrongly',
      'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
    ],
    ['has endless headers', `HTTP/1.1 101 Switching\r\n${'X: y\r\n'.repeat(10_000)}`],
  ])('is tried again when it %s', async (_, answer) => {
    let calls = 0
    const { port } = await rawServer(socket => {
      calls++
      socket.once('data', () => socket.write(answer))
    })
    const { route } = await startConsumer(client(port, '&reconnectInterval=5'))
    await eventually(() => expect(calls).toBeGreaterThan(2))
    expect(route.states).toEqual(['disconnected'])
    expect(route.exchanges).toEqual([])
  })

  it('ends a start promptly when that is no longer wanted', async () => {
    const { port } = await rawServer(() => {})
    const route = fakeRoute({ clock: systemClock })
    const consumer = route.consumer(ws, client(port))
    const abort = new AbortController()
    const starting = consumer.start(abort.signal)
    const begun = performance.now()
    abort.abort(new Error('stop was asked for'))
    await expect(starting).rejects.toThrow('stop was asked for')
    await consumer.close(false)
    expect(performance.now() - begun).toBeLessThan(500)
    expect(route.states).toEqual([])
  })
})
