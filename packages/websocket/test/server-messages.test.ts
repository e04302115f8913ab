import { eventually, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/route.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at))

describe('a server consumer', () => {
  it('brings texts as strings and bytes as Buffers, the empty ones too', async () => {
    const { route, connect } = await startServer()
    const peer = await connect()
    for (const data of ['hello', Buffer.from([1, 2, 3]), '', Buffer.alloc(0), 'grüße 🐪']) peer.send(data)
    await eventually(() => expect(route.exchanges).toHaveLength(5))
    expect(route.bodies).toEqual(['hello', Buffer.from([1, 2, 3]), '', Buffer.alloc(0), 'grüße 🐪'])
    expect(Buffer.isBuffer(route.bodies[3])).toBe(true)
  })

  it('keeps the order of each connection, however the exchanges take their time', async () => {
    let seed = 1
    const { route, connect } = await startServer('', {
      route: () => {
        seed = (seed * 48_271) % 2_147_483_647
        if (seed % 3 === 0) return undefined
        return settle(seed % 3)
      },
    })
    const peers = await Promise.all([connect(), connect()])
    for (const [at, peer] of peers.entries()) for (const number of numbers(500)) peer.send(`${at}:${number}`)
    await eventually(() => expect(route.exchanges).toHaveLength(1_000))
    for (const at of peers.keys()) {
      const own = route.bodies.filter(body => String(body).startsWith(`${at}:`))
      expect(own).toEqual(numbers(500).map(number => `${at}:${number}`))
    }
  })

  it('puts together what comes in fragments', async () => {
    const { route, connect } = await startServer()
    const { socket } = await connect()
    for (const [at, part] of ['one ', 'two ', 'three'].entries()) socket.send(part, { fin: at === 2 })
    await eventually(() => expect(route.bodies).toEqual(['one two three']))
  })

  it('says of each exchange which connection it came through', async () => {
    const { route, connect } = await startServer()
    const [one, other] = [await connect(), await connect()]
    one.send('1')
    await eventually(() => expect(route.exchanges).toHaveLength(1))
    other.send('2')
    one.send('3')
    await eventually(() => expect(route.exchanges).toHaveLength(3))
    const header = (name: string) => route.exchanges.map(({ body, message }) => [body, message.header(name)])
    const keys = new Map(header('CamelVertxWebsocket.connectionKey') as [string, string][])
    expect(keys.get('1')).toMatch(/^[\da-f-]{36}$/)
    expect(keys.get('3')).toBe(keys.get('1'))
    expect(keys.get('2')).not.toBe(keys.get('1'))
    for (const [, address] of header('CamelVertxWebsocket.remoteAddress')) expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  it('makes InOnly exchanges, or those of exchangePattern, and replies to neither', async () => {
    for (const pattern of ['InOnly', 'InOut']) {
      const { route, connect, stop } = await startServer(`?exchangePattern=${pattern}`, {
        route: exchange => {
          exchange.body = 'reply'
        },
      })
      const peer = await connect()
      peer.send('request')
      await eventually(() => expect(route.exchanges).toHaveLength(1))
      expect(route.exchanges[0]?.pattern).toBe(pattern)
      await stop()
      expect(peer.received).toEqual([])
    }
  })

  it('goes on after exchanges that failed', async () => {
    const { route, connect } = await startServer('', { route: exchange => exchange.fail(new Error('no')) })
    const peer = await connect()
    for (const number of numbers(10)) peer.send(number)
    await eventually(() => expect(route.bodies).toEqual(numbers(10)))
    expect(peer.isOpen).toBe(true)
  })
})

describe('headers of a server consumer', () => {
  const control = {
    CamelHttpUri: 'http://evil',
    camelFileName: '/etc/passwd',
    'org.apache.camel.x': '1',
    DromedaryClusterTerm: '7',
    'CamelVertxWebsocket.sendToAll': 'true',
  }

  it('come from the handshake only where acceptHeaders and acceptParameters name them', async () => {
    const { route, connect } = await startServer('?acceptHeaders=X-Device,X-None&acceptParameters=room')
    const query = `?room=blue&other=1&${new URLSearchParams(control)}`
    const peer = await connect({ headers: { 'X-Device': 'd1', 'X-Other': 'x', ...control } }, query)
    peer.send('hello')
    await eventually(() => expect(route.exchanges).toHaveLength(1))
    const { headers } = route.exchanges[0]?.message ?? {}
    expect(headers?.toJSON()).toEqual({
      'CamelVertxWebsocket.connectionKey': expect.any(String),
      'CamelVertxWebsocket.remoteAddress': expect.any(String),
      'X-Device': 'd1',
      room: 'blue',
    })
  })

  it.each(Object.keys(control))('%s cannot be accepted', async name => {
    for (const option of ['acceptHeaders', 'acceptParameters']) {
      await expect(startServer(`?${option}=ok,${name}`)).rejects.toThrow(/must not name Camel or Dromedary headers/)
    }
  })
})
