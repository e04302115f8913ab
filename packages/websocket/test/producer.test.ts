import { systemClock } from '@dromedary/core'
import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { freePort } from './support/free-port.ts'
import { acceptance, rawServer } from './support/raw-peer.ts'
import { startProducer } from './support/route.ts'
import { TestServer } from './support/test-server.ts'

describe('a producer as a client', () => {
  it('sends texts as text messages, bytes as binary ones, and the rest converted to text, in order', async () => {
    const server = await TestServer.listen()
    const { send } = await startProducer(`ws:127.0.0.1:${server.port}/sink`)
    const bodies = ['text', Buffer.from([1]), new Uint8Array([2]), new Uint8Array([3]).buffer, 7, { a: 1 }, '', 'last']
    for (const body of bodies) await send(body)
    await eventually(() => expect(server.accepted[0]?.received).toHaveLength(bodies.length))
    const expected = ['text', Buffer.from([1]), Buffer.from([2]), Buffer.from([3]), '7', '{"a":1}', '', 'last']
    expect(server.accepted[0]?.received).toEqual(expected)
    expect(server.accepted[0]?.request.url).toBe('/sink')
  })

  it('cannot send a body that is no message', async () => {
    const server = await TestServer.listen()
    const { send } = await startProducer(`ws:127.0.0.1:${server.port}/`)
    await expect(send(null)).rejects.toThrow(expect.objectContaining({ code: 'DROMEDARY_NO_CONVERTER' }))
    expect(server.accepted).toEqual([])
  })

  it('connects with the first message and not before, once, however many are sent at that moment', async () => {
    const server = await TestServer.listen()
    const { send, producer } = await startProducer(`ws:127.0.0.1:${server.port}/`)
    await producer.warmUp?.(new AbortController().signal)
    await settle(10)
    expect(server.accepted).toEqual([])
    await Promise.all(Array.from({ length: 50 }, (_, at) => send(String(at))))
    await eventually(() => expect(server.accepted[0]?.received).toHaveLength(50))
    expect(server.accepted[0]?.received).toEqual(Array.from({ length: 50 }, (_, at) => String(at)))
    expect(server.accepted).toHaveLength(1)
  })

  it('fails a message for which there is no server, and says why', async () => {
    const port = await freePort()
    const { send } = await startProducer(`ws:127.0.0.1:${port}/?query.token=secret1`)
    await expect(send('x')).rejects.toThrow(
      expect.objectContaining({
        code: 'DROMEDARY_CONNECTION_FAILED',
        message: expect.stringMatching(new RegExp(`cannot connect to ws://127.0.0.1:${port}/.*ECONNREFUSED`)),
      }),
    )
    await expect(send('x')).rejects.not.toThrow(/secret1/)
  })

  it('waits for the back-off before it tries again, and all who wait share the attempt', async () => {
    const clock = new FakeClock()
    const port = await freePort()
    const { send } = await startProducer(`ws:127.0.0.1:${port}/?reconnectJitter=0`, fakeRoute({ clock }))
    await expect(send('1')).rejects.toThrow('ECONNREFUSED')
    const sends = [send('2'), send('3')]
    await eventually(() => expect(clock.nextIn).toBe(100))
    const server = await TestServer.listen({ listenAt: port })
    await clock.advance(100)
    await Promise.all(sends)
    await eventually(() => expect(server.accepted[0]?.received).toEqual(['2', '3']))
  })

  it('connects again after a loss', async () => {
    const server = await TestServer.listen()
    const { send } = await startProducer(`ws:127.0.0.1:${server.port}/?reconnectInitialDelay=1`)
    await send('1')
    await eventually(() => expect(server.accepted[0]?.received).toEqual(['1']))
    server.connections[0]?.socket.close()
    await eventually(() => expect(server.connections).toEqual([]))
    await send('2')
    await eventually(() => expect(server.accepted[1]?.received).toEqual(['2']))
  })

  it('sends nothing for a leadership that ended while it was connecting', async () => {
    const server = await TestServer.listen()
    const { producer, exchange } = await startProducer(`ws:127.0.0.1:${server.port}/`)
    const one = exchange('x')
    one.guard = { accepts: () => true, isValid: () => false }
    await expect(producer.send(one)).rejects.toThrow(expect.objectContaining({ code: 'DROMEDARY_NOT_LEADER' }))
    expect(server.accepted[0]?.received ?? []).toEqual([])
  })

  it('gives up waiting when the exchange is aborted', async () => {
    const { port } = await rawServer(() => {})
    const { producer, exchange } = await startProducer(`ws:127.0.0.1:${port}/`)
    const one = exchange('x')
    const abort = new AbortController()
    one.signal = abort.signal
    const sending = producer.send(one)
    await settle()
    abort.abort(new Error('the deadline passed'))
    await expect(sending).rejects.toThrow('the deadline passed')
  })

  it('reads and drops what the server sends', async () => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        for (let at = 0; at < 1_000; at++) socket.send('x'.repeat(10_000))
      },
    })
    const { send } = await startProducer(`ws:127.0.0.1:${server.port}/`)
    await send('1')
    await eventually(() => expect(server.accepted[0]?.socket.bufferedAmount).toBe(0))
  })

  it('writes what was sent before it closes, with a closing frame', async () => {
    const server = await TestServer.listen()
    const { send, close } = await startProducer(`ws:127.0.0.1:${server.port}/`)
    for (let at = 0; at < 100; at++) await send('x'.repeat(10_000))
    await close()
    await eventually(() => expect(server.accepted[0]?.received).toHaveLength(100))
    expect(server.accepted[0]?.code).toBe(1001)
  })

  it('finds a dead server by pings', async () => {
    const clock = new FakeClock()
    const sockets: { destroyed: boolean }[] = []
    const { port } = await rawServer(socket => {
      sockets.push(socket)
      socket.once('data', chunk => socket.write(acceptance(String(chunk))))
    })
    const { send } = await startProducer(`ws:127.0.0.1:${port}/?pingInterval=1s`, fakeRoute({ clock }))
    await send('x')
    await clock.advance(1_000)
    await settle(5)
    expect(sockets[0]?.destroyed).toBe(false)
    await clock.advance(1_000)
    await eventually(() => expect(sockets[0]?.destroyed).toBe(true))
  })
})

describe('back-pressure of a producer', () => {
  /** A server that reads nothing after its handshake, until it is told to. */
  async function stuckServer() {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.pause() })
    return { server, read: () => server.connections[0]?.socket.resume() }
  }
  const block = Buffer.alloc(256 * 1024)

  it('waits while more than maxBufferedAmount is to be written, and goes on when it is', async () => {
    const { server, read } = await stuckServer()
    const { producer, exchange, send } = await startProducer(`ws:127.0.0.1:${server.port}/`)
    await send('first')
    let sent = 1
    let pending = producer.send(exchange(block))
    for (; pending === undefined; sent++) {
      await settle()
      pending = producer.send(exchange(block))
      expect(sent).toBeLessThan(1_000)
    }
    let done = false
    void pending.then(() => {
      done = true
    })
    await settle(20)
    expect(done).toBe(false)
    read()
    await pending
    await eventually(() => expect(server.accepted[0]?.received).toHaveLength(sent + 1))
  })

  it('begins at maxBufferedAmount, which is 1 MiB by default', async () => {
    // More than what the kernel takes from one that does not read, and than the default.
    const count = 80
    for (const [query, isHeld] of [
      ['', true],
      ['?maxBufferedAmount=0', true],
      ['?maxBufferedAmount=100000000', false],
    ] as const) {
      const { server } = await stuckServer()
      const { producer, exchange, send } = await startProducer(`ws:127.0.0.1:${server.port}/${query}`)
      await send('first')
      const sends = Array.from({ length: count }, () => producer.send(exchange(block)))
      for (const one of sends) one?.catch(() => {})
      expect(sends.some(one => one !== undefined)).toBe(isHeld)
      // What is handed over in one turn is not written in it: the limit shows exactly.
      const atOnce = sends.findIndex(one => one !== undefined)
      if (query === '') expect(atOnce).toBeGreaterThan(4)
      if (query.endsWith('=0')) expect(atOnce).toBeGreaterThanOrEqual(1)
      await server.close()
    }
  })

  it('ends the connection to a server that does not read for sendTimeout, and fails the message', async () => {
    const clock = new FakeClock()
    const { server } = await stuckServer()
    const uri = `ws:127.0.0.1:${server.port}/?sendTimeout=2s&maxBufferedAmount=0&pingInterval=0`
    const { producer, exchange, send } = await startProducer(uri, fakeRoute({ clock }))
    await send('first')
    let pending = producer.send(exchange(block))
    await settle(3)
    while (clock.pending === 0) {
      pending = producer.send(exchange(block))
      await settle(3)
    }
    await clock.advance(1_999)
    expect(server.connections).toHaveLength(1)
    const failing = expect(pending).rejects.toThrow(/has not read for 2000 ms/)
    await clock.advance(1)
    await failing
    expect(clock.pending).toBe(0)
  })

  it('ends with the exchange that waits', async () => {
    const { server } = await stuckServer()
    const { producer, exchange, send } = await startProducer(
      `ws:127.0.0.1:${server.port}/?maxBufferedAmount=0`,
      fakeRoute({ clock: systemClock }),
    )
    await send('first')
    for (let at = 0; at < 40; at++) void Promise.resolve(producer.send(exchange(block))).catch(() => {})
    const one = exchange(block)
    const abort = new AbortController()
    one.signal = abort.signal
    const sending = producer.send(one)
    abort.abort(new Error('the deadline passed'))
    await expect(sending).rejects.toThrow('the deadline passed')
    expect(() => producer.send(one)).toThrow('the deadline passed')
  })
})
