import { createContext, from } from '@dromedary/core'
import { eventually, FakeClock, settle } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { netty, tcp } from '../src/index.ts'
import { PeerServer } from './support/peer.ts'
import { consume } from './support/route.ts'
import { echo, sender, serve } from './support/sender.ts'

describe('requests', () => {
  it('the reply becomes the body; each request has a connection, which is kept for the next', async () => {
    const server = await echo()
    const { send } = await sender(server.port)
    for (let at = 0; at < 5; at++) expect((await send(at)).body).toBe(`re ${at}`)
    expect(server.peers).toHaveLength(1)
    const replies = await Promise.all(Array.from({ length: 20 }, (_, at) => send(at)))
    expect(replies.map(exchange => exchange.body)).toEqual(Array.from({ length: 20 }, (_, at) => `re ${at}`))
    expect(server.peers.length).toBeGreaterThan(10)
    expect(server.peers.length).toBeLessThanOrEqual(20)
  })

  it('producerPoolEnabled=false: follow each other on one connection, and replies are told apart by their order', async () => {
    const server = await echo()
    const { send } = await sender(server.port, '&producerPoolEnabled=false')
    const replies = await Promise.all(Array.from({ length: 200 }, (_, at) => send(at)))
    expect(replies.map(exchange => exchange.body)).toEqual(Array.from({ length: 200 }, (_, at) => `re ${at}`))
    expect(server.peers).toHaveLength(1)
  })

  it.each(['', '&producerPoolEnabled=false'])(
    'requestTimeout: fails without a reply, and never takes a late one for the next request: %s',
    async query => {
      const server = await echo(line => (line === 'slow' ? 'half' : `re ${line}`))
      const silent = await serve()
      const one = await sender(silent.port, `&requestTimeout=900${query}`)
      await expect(one.send('x')).rejects.toMatchObject({
        code: 'DROMEDARY_NO_REPLY',
        message: `127.0.0.1:${silent.port} sent no reply within requestTimeout=900 ms`,
      })
      const late = await silent.peer()
      late.write('too late\n')
      const again = one.send('y')
      await (await silent.peer(1)).gets('y\n')
      silent.peers[1]?.write('in time\n')
      expect((await again).body).toBe('in time')
      expect((await (await sender(server.port, query)).send('z')).body).toBe('re z')
    },
  )

  it('requestTimeout: 30 s unless asked otherwise, 0 for ever; the header decides for one message', async () => {
    const server = await serve()
    for (const [query, header, ms] of [
      ['', undefined, 30_000],
      ['&requestTimeout=2s', undefined, 2_000],
      ['&requestTimeout=2s', 500, 500],
      ['&requestTimeout=2s', '700', 700],
      ['&requestTimeout=0', undefined, undefined],
    ] as const) {
      const clock = new FakeClock()
      const { send } = await sender(server.port, `${query}&producerPoolMaxIdle=0`, { clock })
      const count = server.peers.length
      const sending = send('x', exchange => {
        if (header !== undefined) exchange.message.setHeader('CamelNettyRequestTimeout', header)
      })
      const failed = expect(sending).rejects.toThrow(ms === undefined ? /has ended/ : `requestTimeout=${ms} ms`)
      const peer = await server.peer(count)
      await peer.gets('x\n')
      expect(clock.nextIn).toBe(ms)
      if (ms === undefined) peer.destroy()
      else await clock.advance(ms)
      await failed
    }
  })

  it('fail when the connection ends before the reply, and when the peer says what nobody asked for', async () => {
    const server = await serve()
    const { send } = await sender(server.port)
    const first = send('1')
    ;(await server.peer()).socket.end()
    await expect(first).rejects.toMatchObject({ code: 'DROMEDARY_CONNECTION_FAILED' })
    const second = send('2')
    const peer = await server.peer(1)
    await peer.gets('2\n')
    peer.write('yes\nand more\n')
    expect((await second).body).toBe('yes')
    await peer.isClosed()
    const third = send('3')
    await (await server.peer(2)).gets('3\n')
    server.peers[2]?.write('three\n')
    expect((await third).body).toBe('three')
  })

  it('fail on a reply that is no frame', async () => {
    const server = await echo(() => 'much too long')
    const { send } = await sender(server.port, '&decoderMaxLineLength=5')
    await expect(send('x')).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_FRAME' })
  })

  it('end when the work of the exchange is called off', async () => {
    const server = await serve()
    const { send } = await sender(server.port)
    const abort = new AbortController()
    const sending = send('x', exchange => {
      exchange.signal = abort.signal
    })
    const peer = await server.peer()
    await peer.gets('x\n')
    abort.abort(new Error('called off'))
    await expect(sending).rejects.toThrow('called off')
    await peer.isClosed()
  })

  it('disconnect: a connection for each request', async () => {
    const server = await echo()
    const { send } = await sender(server.port, '&disconnect=true')
    await send('1')
    await send('2')
    expect(server.peers).toHaveLength(2)
    await eventually(() => server.peers.every(peer => peer.ended))
  })

  it('producerPoolMaxTotal: no more connections than that; the others wait', async () => {
    const server = await echo()
    const { send } = await sender(server.port, '&producerPoolMaxTotal=3')
    await Promise.all(Array.from({ length: 50 }, (_, at) => send(at)))
    expect(server.peers).toHaveLength(3)
  })

  it('producerPoolMaxTotal: one that waits gets the place of a connection that was lost', async () => {
    const server = await serve()
    const { send } = await sender(server.port, '&producerPoolMaxTotal=1')
    const first = send('1')
    const failed = expect(first).rejects.toMatchObject({ code: 'DROMEDARY_CONNECTION_FAILED' })
    const peer = await server.peer()
    await peer.gets('1\n')
    const second = send('2')
    peer.destroy()
    await failed
    await (await server.peer(1)).gets('2\n')
    server.peers[1]?.write('two\n')
    expect((await second).body).toBe('two')
  })

  it('producerPoolBlockWhenExhausted=false, producerPoolMaxWait: do not wait, or not for ever', async () => {
    const server = await serve()
    for (const [query, ms] of [
      ['&producerPoolBlockWhenExhausted=false', 0],
      ['&producerPoolMaxWait=300', 300],
    ] as const) {
      const clock = new FakeClock()
      const { send } = await sender(server.port, `&requestTimeout=0&producerPoolMaxTotal=1${query}`, { clock })
      const first = send('1')
      first.catch(() => {})
      await settle(10)
      const second = expect(send('2')).rejects.toMatchObject({
        code: 'DROMEDARY_CONNECTION_FAILED',
        message: `all producerPoolMaxTotal=1 connections to 127.0.0.1:${server.port} are in use`,
      })
      if (ms > 0) {
        await eventually(() => clock.nextIn === ms)
        await clock.advance(ms)
      }
      await second
    }
  })

  it('producerPoolMaxIdle, producerPoolMinEvictableIdle: how many connections are kept, and for how long', async () => {
    const server = await echo()
    const clock = new FakeClock()
    const { send } = await sender(server.port, '&producerPoolMaxIdle=2&producerPoolMinEvictableIdle=1m', { clock })
    await Promise.all(Array.from({ length: 5 }, (_, at) => send(at)))
    await eventually(() => server.open === 2)
    await clock.advance(59_000)
    await send('again')
    await settle(10)
    expect(server.open).toBe(2)
    await clock.advance(2_000)
    await eventually(() => server.open === 1)
    await clock.advance(60_000)
    await eventually(() => server.open === 0)
  })
})

describe('lazyChannelCreation=false', () => {
  it.each(['', '&sync=false'])('connects at the start: %s', async query => {
    const server = await echo()
    const { send } = await sender(server.port, `&lazyChannelCreation=false${query}`)
    await eventually(() => server.open === 1)
    await send('1')
    await (await server.peer()).gets('1\n')
    expect(server.peers).toHaveLength(1)
  })

  it('fails to start where nobody listens', async () => {
    const gone = await PeerServer.start()
    await gone.close()
    await expect(sender(gone.port, '&lazyChannelCreation=false')).rejects.toMatchObject({
      code: 'DROMEDARY_CONNECTION_FAILED',
    })
    const lazy = await sender(gone.port, '')
    await expect(lazy.send('x')).rejects.toMatchObject({ code: 'DROMEDARY_CONNECTION_FAILED' })
  })
})

it('a request goes from one route to the other and back, through Camel’s name as well', async () => {
  const { port } = await consume('netty:tcp://127.0.0.1:0?textline=true', {
    route: exchange => {
      exchange.message.body = `hello ${exchange.body}`
    },
  })
  const context = createContext({
    components: [tcp, netty],
    log: { isEnabled: () => false, write: () => {} },
    routes: [
      from('direct:ask').to(tcp('127.0.0.1', String(port), { textline: true })),
      from('direct:ask-by-name').to(`netty:tcp://127.0.0.1:${port}?textline=true`),
    ],
  })
  await context.start()
  onTestFinished(() => context.stop())
  expect(await context.template.requestBody('direct:ask', 'you')).toBe('hello you')
  expect(await context.template.requestBody('direct:ask-by-name', 'Camel')).toBe('hello Camel')
})
