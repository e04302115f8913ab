import { systemClock } from '@dromedary/core'
import type { Producer } from '@dromedary/core/component'
import { eventually, type FakeRouteOptions, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tcp } from '../src/index.ts'
import { PeerServer } from './support/peer.ts'
import { sender, serve } from './support/sender.ts'

describe('one way', () => {
  const oneWay = (port: number, query = '', options: FakeRouteOptions = {}) =>
    sender(port, `&sync=false${query}`, options)

  it('everything goes over one connection, in its order, also what was sent before there was one', async () => {
    const server = await serve()
    const { producer, route } = await oneWay(server.port)
    const sent = Array.from({ length: 2_000 }, (_, at) => String(at))
    const pending: unknown[] = []
    for (const [at, body] of sent.entries()) {
      pending.push(producer.send(route.entry.createExchange(body)))
      if (at % 300 === 0) await settle()
    }
    await Promise.all(pending)
    await eventually(() => server.peers[0]?.lines.length === sent.length)
    expect(server.peers[0]?.lines).toEqual(sent)
    expect(server.peers).toHaveLength(1)
  })

  it('goes out in the order of the calls, also of those that others make as soon as theirs have gone', async () => {
    const server = await serve()
    const { producer, route } = await oneWay(server.port)
    const called: string[] = []
    const call = async (body: string) => {
      called.push(body)
      await producer.send(route.entry.createExchange(body))
    }
    await Promise.all(Array.from({ length: 50 }, (_, at) => call(String(at)).then(() => call(`then ${at}`))))
    await eventually(() => server.peers[0]?.lines.length === 100)
    expect(server.peers[0]?.lines).toEqual(called)
  })

  it('costs no promise once it is connected', async () => {
    const server = await serve()
    const { producer, route, send } = await oneWay(server.port)
    await send('1')
    expect(producer.send(route.entry.createExchange('2'))).toBeUndefined()
    await (await server.peer()).gets('1\n2\n')
  })

  it('waits for a peer that does not take more, and keeps the order', async () => {
    const server = await serve(peer => peer.socket.pause())
    const { producer, route } = await oneWay(server.port)
    const line = 'x'.repeat(100_000)
    let taken = 0
    const pending: Promise<void>[] = []
    for (let at = 0; at < 300; at++) {
      const sending = producer.send(route.entry.createExchange(`${at} ${line}`))
      pending.push((async () => sending)().then(() => void taken++))
    }
    const peer = await server.peer()
    await settle(50)
    expect(taken).toBeLessThan(200)
    peer.socket.resume()
    await Promise.all(pending)
    await eventually(() => peer.size > 300 * line.length)
    await settle(10)
    expect(peer.lines.map(one => one.split(' ')[0])).toEqual(Array.from({ length: 300 }, (_, at) => String(at)))
  })

  it('connects again with the next message after the connection has ended', async () => {
    const server = await serve()
    const { send, route } = await oneWay(server.port)
    await send('1')
    const peer = await server.peer()
    await peer.gets('1\n')
    peer.socket.resetAndDestroy()
    await eventually(() => route.logs.some(line => line.message.includes('disconnected from')))
    await send('2')
    await (await server.peer(1)).gets('2\n')
  })

  it('whatever the peer says is of no account', async () => {
    const server = await serve(peer => peer.write('hello\n'.repeat(1_000)))
    const { send } = await oneWay(server.port, '&decoderMaxLineLength=1')
    await send('1')
    const peer = await server.peer()
    await peer.gets('1\n')
    await send('2')
    await peer.gets('1\n2\n')
  })

  it('fails where nobody listens, each time anew, and goes on when somebody does', async () => {
    const gone = await PeerServer.start()
    await gone.close()
    const { send } = await oneWay(gone.port)
    for (let turn = 0; turn < 2; turn++) {
      await expect(send('x')).rejects.toMatchObject({
        code: 'DROMEDARY_CONNECTION_FAILED',
        message: `cannot connect to 127.0.0.1:${gone.port}: nobody listens there`,
      })
    }
    const server = await serve(undefined, gone.port)
    await send('here')
    await (await server.peer()).gets('here\n')
  })

  it('asks the leadership again when it had to wait', async () => {
    const server = await serve()
    const { send } = await oneWay(server.port)
    let valid = true
    const sending = send('late', exchange => {
      exchange.guard = { accepts: () => valid, isValid: () => valid }
    })
    valid = false
    await expect(sending).rejects.toMatchObject({ code: 'DROMEDARY_NOT_LEADER' })
    await send('fine')
    await (await server.peer()).gets('fine\n')
  })

  it('gives up waiting when the work of the exchange is called off', async () => {
    const server = await serve(peer => peer.socket.pause())
    const { send } = await oneWay(server.port, '&shutdownTimeout=0')
    await send('1')
    const abort = new AbortController()
    const sending = send('x'.repeat(30_000_000), exchange => {
      exchange.signal = abort.signal
    })
    const next = send('next', exchange => {
      exchange.signal = abort.signal
    })
    abort.abort(new Error('called off'))
    await expect(sending).rejects.toThrow('called off')
    await expect(next).rejects.toThrow('called off')
  })

  it('disconnect: a connection for each message', async () => {
    const server = await serve(peer => void peer.socket.on('end', () => peer.socket.end()))
    const { send } = await oneWay(server.port, '&disconnect=true')
    await send('1')
    await send('2')
    await (await server.peer(0)).gets('1\n')
    await (await server.peer(1)).gets('2\n')
    await eventually(() => server.peers.every(peer => peer.ended))
  })

  it('sends nothing for an empty body, and says so', async () => {
    const server = await serve()
    const { send, route } = await oneWay(server.port)
    await send(null)
    expect(route.logs.at(-1)).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(/has nothing to send to tcp:/),
    })
    await send('1')
    await (await server.peer()).gets('1\n')
  })

  it('closing sends what was written first', async () => {
    const server = await serve()
    const { producer, route, send } = await oneWay(server.port)
    await send('0')
    for (let at = 1; at < 5_000; at++) void producer.send(route.entry.createExchange(String(at)))
    await producer.close?.()
    await eventually(() => server.peers[0]?.lines.length === 5_000)
  })

  it('refuses a body that is longer than its frames may be', async () => {
    const server = await serve()
    const route = fakeRoute({ clock: systemClock })
    const uri = `tcp:127.0.0.1:${server.port}?fixedLength=3&sync=false`
    const producer = route.endpoint(tcp, uri).producer?.() as Producer
    onTestFinished(async () => void (await producer.close?.()))
    expect(() => producer.send(route.entry.createExchange('four'))).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_INVALID_FRAME' }),
    )
    await producer.send(route.entry.createExchange('two'))
    await (await server.peer()).gets('two')
  })
})
