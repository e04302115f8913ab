import { createContext, from, systemClock } from '@dromedary/core'
import { eventually, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tcp } from '../src/index.ts'
import { dial, PeerServer } from './support/peer.ts'
import { consume, lines } from './support/route.ts'

describe('stopping a server', () => {
  it('under load loses nothing that was read: what entered is exactly the beginning of what was sent', async () => {
    for (const max of [1, 50]) {
      let done = 0
      const { route, consumer, port } = await lines(`&maxInFlight=${max}`, {
        route: async () => {
          await settle()
          done++
        },
      })
      const peer = await dial(port)
      let sent = 0
      let writing = true
      const write = () => {
        for (let batch = 0; batch < 200; batch++) peer.write(`${sent++}\n`)
        if (writing) setImmediate(write)
      }
      write()
      await eventually(() => done > 2_000, { every: 0 })
      await consumer.quiesce()
      const entered = route.exchanges.length
      writing = false
      await settle(20)
      expect(route.exchanges).toHaveLength(entered)
      expect(route.bodies).toEqual(Array.from({ length: entered }, (_, at) => String(at)))
      await eventually(() => done === entered)
      await consumer.close(false)
      expect(route.refused).toEqual([])
      peer.destroy()
    }
  })

  it('hands in what waits for room before it has quiesced, and what is half said is no message', async () => {
    const ends: (() => void)[] = []
    const { route, consumer, port } = await lines('', {
      route: () => new Promise<void>(resolve => void ends.push(resolve)),
    })
    const peer = await dial(port)
    peer.write('1\n2\n')
    await eventually(() => ends.length === 1)
    // This waits in the socket: the route is full.
    peer.write('3\nha')
    await settle(5)
    let quiesced = false
    const quiescing = (async () => {
      await consumer.quiesce()
      quiesced = true
    })()
    await settle(5)
    expect(quiesced).toBe(false)
    // Written after the stop began: it stays where it is.
    peer.write('lf\n4\n')
    for (let at = 0; at < 3; at++) {
      await eventually(() => ends.length === at + 1)
      ends[at]?.()
    }
    await quiescing
    await settle(5)
    expect(route.bodies).toEqual(['1', '2', '3'])
    await consumer.close(false)
  })

  it('lets no new connection in, and closes those that there are', async () => {
    const { consumer, port } = await lines()
    const peer = await dial(port)
    await consumer.quiesce()
    await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(peer.ended).toBe(false)
    await consumer.close(false)
    await peer.isClosed()
  })

  it('sends the replies of what was under way first', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { route, consumer, port } = await consume('tcp:127.0.0.1:0?textline=true', { route: () => promise })
    const peer = await dial(port)
    peer.write('a request\n')
    await eventually(() => route.inFlight === 1)
    await consumer.quiesce()
    resolve()
    await eventually(() => route.inFlight === 0)
    await consumer.close(false)
    await peer.gets('a request\n')
    await peer.isClosed()
  })

  it('by force ends a quiesce that waits for the route, and is done within milliseconds', async () => {
    const { consumer, port, route } = await lines('', { route: () => new Promise(() => {}) })
    const peer = await dial(port)
    peer.write('1\n2\n')
    await eventually(() => route.inFlight === 1)
    const quiescing = consumer.quiesce()
    const before = performance.now()
    await consumer.close(true)
    await quiescing
    expect(performance.now() - before).toBeLessThan(200)
    await peer.isClosed()
    expect(route.bodies).toEqual(['1'])
  })

  it('shutdownTimeout: does not wait longer for a peer that takes no replies', async () => {
    for (const [query, least, most] of [
      ['', 90, 2_000],
      ['&shutdownTimeout=400', 390, 2_500],
      ['&shutdownTimeout=0', 0, 300],
    ] as const) {
      const reply = 'x'.repeat(16_000_000)
      const { consumer, port, route } = await consume(`tcp:127.0.0.1:0?textline=true${query}`, {
        route: exchange => {
          exchange.message.body = reply
        },
      })
      const peer = await dial(port)
      peer.socket.pause()
      peer.write('a request\n')
      await eventually(() => route.exchanges.length === 1)
      await consumer.quiesce()
      const before = performance.now()
      await consumer.close(false)
      const took = performance.now() - before
      expect(took).toBeGreaterThanOrEqual(least)
      expect(took).toBeLessThan(most)
      peer.destroy()
    }
  })
})

describe('a pause', () => {
  it('of a server keeps who is connected, and what they send meanwhile', async () => {
    const { route, consumer, port } = await lines()
    const peer = await dial(port)
    peer.write('1\nha')
    await eventually(() => route.bodies.length === 1)
    await consumer.quiesce()
    peer.write('lf\n3\n')
    await settle(20)
    expect(route.bodies).toEqual(['1'])
    await consumer.resume?.()
    await eventually(() => route.bodies.length === 3)
    expect(route.bodies).toEqual(['1', 'half', '3'])
    // On the same port as before.
    const other = await dial(port)
    other.write('4\n')
    await eventually(() => route.bodies.length === 4)
  })

  it('of a client keeps the connection, and what comes meanwhile', async () => {
    const server = await PeerServer.start()
    onTestFinished(() => server.close())
    const { route, consumer } = await consume(`tcp:127.0.0.1:${server.port}?textline=true&sync=false&clientMode=true`)
    const peer = await server.peer()
    await consumer.quiesce()
    peer.write('1\n')
    await settle(20)
    expect(route.bodies).toEqual([])
    await consumer.resume?.()
    await eventually(() => route.bodies.length === 1)
    expect(server.peers).toHaveLength(1)
    peer.write('2\n')
    await eventually(() => route.bodies.length === 2)
  })

  it('in which the connection ended is followed by another connection', async () => {
    const server = await PeerServer.start()
    onTestFinished(() => server.close())
    const { route, consumer } = await consume(
      `tcp:127.0.0.1:${server.port}?textline=true&sync=false&clientMode=true&reconnectInterval=10`,
    )
    await consumer.quiesce()
    ;(await server.peer()).socket.resetAndDestroy()
    await settle(5)
    await consumer.resume?.()
    const peer = await server.peer(1)
    peer.write('1\n')
    await eventually(() => route.bodies.length === 1)
  })
})

it('a start that is called off gives up at once, whatever it waits for', async () => {
  const server = await PeerServer.start()
  onTestFinished(() => server.close())
  const hanging = () => new Promise<never>(() => {})
  for (const [uri, options] of [
    // A network that is reserved for examples: nobody answers.
    ['tcp:192.0.2.1:9?textline=true&clientMode=true', {}],
    ['tcp:no-such-host.invalid:9?textline=true', {}],
    [
      `tcp:127.0.0.1:${server.port}?textline=true&clientMode=true&onConnect=%23bean:hello`,
      { beans: { hello: hanging } },
    ],
    [
      `tcp:127.0.0.1:${server.port}?textline=true&clientMode=true&connectMessage={position}`,
      {
        resumePosition: (signal: AbortSignal) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      },
    ],
  ] as const) {
    const route = fakeRoute({ clock: systemClock, ...options })
    const consumer = route.consumer(tcp, uri)
    const stop = new AbortController()
    const starting = (async () => consumer.start(stop.signal))().then(
      () => true,
      () => false,
    )
    await settle(10)
    const before = performance.now()
    stop.abort(new Error('stop was asked for'))
    if (await starting) await consumer.quiesce()
    await consumer.close(false)
    expect(performance.now() - before, uri).toBeLessThan(200)
  }
})

it('a context with such a route stops, and starts again', async () => {
  const seen: unknown[] = []
  const server = await PeerServer.start(peer => peer.write('hello\n'))
  onTestFinished(() => server.close())
  for (let turn = 1; turn <= 2; turn++) {
    const context = createContext({
      components: [tcp],
      log: { isEnabled: () => false, write: () => {} },
      routes: [
        from(tcp('127.0.0.1', String(server.port), { textline: true, sync: false, clientMode: true })).process(
          exchange => void seen.push(exchange.body),
        ),
      ],
    })
    await context.start()
    await eventually(() => seen.length === turn)
    await context.stop()
    await eventually(() => server.peers.every(peer => peer.ended))
  }
  expect(seen).toEqual(['hello', 'hello'])
})
