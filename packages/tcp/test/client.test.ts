import { createServer } from 'node:net'
import { systemClock } from '@dromedary/core'
import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BackOff } from '../src/client/back-off.ts'
import { tcp } from '../src/index.ts'
import type { TcpSettings } from '../src/options/schema.ts'
import { type Peer, PeerServer } from './support/peer.ts'
import { consume } from './support/route.ts'

async function serve(greet?: (peer: Peer) => void, port?: number): Promise<PeerServer> {
  const server = await PeerServer.start(greet, port)
  onTestFinished(() => server.close())
  return server
}

const client = (port: number, query = '') =>
  `tcp:127.0.0.1:${port}?textline=true&sync=false&clientMode=true&reconnectInterval=10${query}`

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>(resolve => void server.close(() => resolve()))
  return port
}

describe('a client', () => {
  it('takes what the server sends', async () => {
    const server = await serve(peer => peer.write('1\n2\n'))
    const { route } = await consume(client(server.port))
    await eventually(() => route.bodies.length === 2)
    expect(route.bodies).toEqual(['1', '2'])
    expect(route.exchanges[0]?.message.header('CamelNettyRemoteAddress')).toBe(`127.0.0.1:${server.port}`)
    expect(route.states).toEqual(['connected'])
  })

  it('replies with sync=true', async () => {
    const server = await serve(peer => peer.write('1\n2\n'))
    await consume(client(server.port, '&sync=true').replace('sync=false&', ''), {
      route: exchange => {
        exchange.message.body = `got ${exchange.body}`
      },
    })
    await (await server.peer()).gets('got 1\ngot 2\n')
  })

  it('connects again whenever the connection has ended, and reports each change once', async () => {
    const server = await serve(peer => peer.write(`${server.peers.length}\n`))
    const { route } = await consume(client(server.port))
    for (let turn = 1; turn <= 3; turn++) {
      await eventually(() => route.bodies.length === turn)
      const { socket } = await server.peer(turn - 1)
      turn % 2 ? socket.end() : socket.resetAndDestroy()
    }
    await eventually(() => route.states.length === 7)
    expect(route.states).toEqual(['connected', ...Array(3).fill(['disconnected', 'connected']).flat()])
    expect(route.errors).toEqual([])
  })

  it('has started although nobody listens: it says so once, goes on trying, and is there when somebody does', async () => {
    const port = await freePort()
    const { route, consumer } = await consume(client(port))
    expect(route.states).toEqual(['disconnected'])
    await eventually(() => route.logs.filter(line => line.message.includes('nobody listens there')).length > 3)
    expect(route.logs.every(line => line.level === 'debug')).toBe(true)
    const server = await serve(peer => peer.write('at last\n'), port)
    await eventually(() => route.bodies.length === 1)
    expect(route.states).toEqual(['disconnected', 'connected'])
    await consumer.quiesce()
    await consumer.close(false)
    expect(server.peers).toHaveLength(1)
  })

  it('reconnect=false: fails to start where nobody listens, and does not come back when the connection ends', async () => {
    const port = await freePort()
    await expect(consume(client(port, '&reconnect=false'))).rejects.toMatchObject({
      code: 'DROMEDARY_CONNECTION_FAILED',
      message: `cannot connect to 127.0.0.1:${port}: nobody listens there`,
    })
    const server = await serve()
    const { route } = await consume(client(server.port, '&reconnect=false'))
    ;(await server.peer()).destroy()
    await eventually(() => route.states.length === 2)
    await settle(50)
    expect(server.peers).toHaveLength(1)
  })

  it('connectTimeout: an attempt ends, whatever the network does', async () => {
    for (const [query, ms] of [
      ['', 10_000],
      ['&connectTimeout=300', 300],
    ] as const) {
      const clock = new FakeClock()
      const route = fakeRoute({ clock })
      // It accepts, and then keeps the handshake waiting.
      const server = await serve()
      const consumer = route.consumer(tcp, client(server.port, `&ssl=true${query}`))
      const starting = (async () => consumer.start(new AbortController().signal))()
      await settle(5)
      await clock.advance(ms - 1)
      expect(route.states).toEqual([])
      await clock.advance(1)
      await starting
      expect(route.states).toEqual(['disconnected'])
      await consumer.quiesce()
      await consumer.close(false)
      expect(clock.pending).toBe(0)
    }
  })

  it('readerIdleTimeout: takes a server that says nothing for one that is gone', async () => {
    const clock = new FakeClock()
    const server = await serve()
    const { route } = await consume(client(server.port, '&readerIdleTimeout=1s'), { clock })
    await clock.advance(900)
    expect(route.states).toEqual(['connected'])
    await clock.advance(1_000)
    expect(route.states.slice(0, 2)).toEqual(['connected', 'disconnected'])
    await server.peer(1)
  })

  it('stops within milliseconds: connected, connecting, or waiting for its next attempt', async () => {
    const server = await serve()
    for (const [uri, options] of [
      [client(server.port), {}],
      [
        client(await freePort(), '&reconnectMaxInterval=10s').replace(
          'reconnectInterval=10&',
          'reconnectInterval=10s&',
        ),
        {},
      ],
      [
        client(server.port, '&onConnect=%23bean:slow'),
        { beans: { slow: () => new Promise(() => {}) }, clock: new FakeClock() },
      ],
    ] as const) {
      const route = fakeRoute({ clock: systemClock, ...options })
      const consumer = route.consumer(tcp, uri)
      const starting = (async () => consumer.start(new AbortController().signal))()
      await settle(10)
      const before = performance.now()
      await consumer.quiesce()
      await starting
      await consumer.close(false)
      expect(performance.now() - before).toBeLessThan(100)
    }
    await eventually(() => server.peers.every(peer => peer.ended || peer.closed))
  })
})

describe('the wait before the next attempt', () => {
  const settings = (given: Partial<TcpSettings> = {}) =>
    ({
      reconnectInterval: 100,
      reconnectMaxInterval: 10_000,
      reconnectBackOffMultiplier: 2,
      reconnectJitter: 0.2,
      random: () => 0.5,
      ...given,
    }) as TcpSettings
  const waits = (backOff: BackOff, lived: readonly number[]) => lived.map(ms => backOff.next(ms))
  const NEVER = Array(9).fill(0)

  it('doubles up to the longest', () => {
    expect(waits(new BackOff(settings()), NEVER)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
    const other = settings({ reconnectInterval: 50, reconnectMaxInterval: 400, reconnectBackOffMultiplier: 3 })
    expect(waits(new BackOff(other), [0, 0, 0, 0])).toEqual([50, 150, 400, 400])
  })

  it('is a fifth longer or shorter, at random', () => {
    expect(waits(new BackOff(settings({ random: () => 0 })), [0, 0])).toEqual([80, 160])
    expect(waits(new BackOff(settings({ random: () => 1 })), [0, 0])).toEqual([120, 240])
    expect(waits(new BackOff(settings({ random: () => 1, reconnectJitter: 0 })), [0])).toEqual([100])
    const real = settings()
    const free = new BackOff({ ...real, random: undefined })
    const first = free.next(0)
    expect(first).toBeGreaterThanOrEqual(80)
    expect(first).toBeLessThanOrEqual(120)
  })

  it('begins anew after a connection that lived, not after one that was closed at once', () => {
    expect(waits(new BackOff(settings()), [0, 0, 50, 9_999, 10_000, 0])).toEqual([100, 200, 400, 800, 100, 200])
  })

  it.each([
    ['', [80, 160, 320, 640]],
    ['&reconnectInterval=30', [24, 48, 96, 192]],
    ['&reconnectBackOffMultiplier=1', [80, 80, 80, 80]],
    ['&reconnectMaxInterval=150', [80, 120, 120, 120]],
    ['&reconnectJitter=0', [100, 200, 400, 800]],
  ])('is what the options say: %s', async (query, expected) => {
    const clock = new FakeClock()
    const attempts: number[] = []
    const start = clock.monotonic()
    const port = await freePort()
    const route = fakeRoute({
      clock,
      // Asked once for each attempt.
      resumePosition: async () => void attempts.push(clock.monotonic() - start),
    })
    const uri = `tcp:127.0.0.1:${port}?textline=true&clientMode=true&connectMessage={position}${query}`
    const consumer = route.consumer(tcp({ random: () => 0 }), uri)
    await consumer.start(new AbortController().signal)
    for (const [at, wait] of expected.entries()) {
      await eventually(() => clock.nextIn !== undefined)
      expect(clock.nextIn).toBe(wait)
      await clock.advance(wait)
      await eventually(() => attempts.length === at + 2 && clock.nextIn !== undefined && clock.nextIn !== 10_000)
    }
    await consumer.quiesce()
    await consumer.close(false)
    expect(clock.pending).toBe(0)
  })
})
