import { networkInterfaces } from 'node:os'
import { systemClock } from '@dromedary/core'
import { eventually, fakeRoute } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { freePort } from './support/free-port.ts'
import { startAt, startConsumer, startServer, withPeers } from './support/route.ts'

const hasIpv6 = Object.values(networkInterfaces()).some(all => all?.some(({ address }) => address === '::1'))

describe('the origin of a handshake', () => {
  it.each([
    ['none at all', undefined, true],
    ['the host that is asked for', 'http://127.0.0.1:{port}', true],
    ['the same host at another port', 'http://127.0.0.1:1', false],
    ['another host', 'http://evil.example', false],
    ['one that has no host', 'null', false],
    ['one that only begins like the host', 'http://127.0.0.1.evil.example', false],
    ['one that has the host as its user', 'http://127.0.0.1:{port}@evil.example', false],
    ['one that has the host in its path', 'http://evil.example/http://127.0.0.1:{port}', false],
  ])('%s: welcome %j: %s', async (_, origin, welcome) => {
    const { connect, port } = await startServer()
    const headers = origin === undefined ? {} : { origin: origin.replace('{port}', String(port)) }
    const connecting = connect(headers)
    if (welcome) await connecting
    else await expect(connecting).rejects.toThrow('403')
  })

  it('is checked as a whole by allowedOriginPattern, in place of the host', async () => {
    const { connect, port } = await startServer('?allowedOriginPattern=RAW(https://(a|b)\\.example)')
    await connect({ origin: 'https://a.example' })
    await connect()
    for (const origin of [
      'https://c.example',
      'https://a.example.evil',
      'xhttps://a.example',
      `http://127.0.0.1:${port}`,
    ]) {
      await expect(connect({ origin })).rejects.toThrow('403')
    }
  })

  it('with a pattern that is none is refused when the endpoint is made', async () => {
    await expect(startServer('?allowedOriginPattern=RAW(()')).rejects.toThrow(/allowedOriginPattern must be a regular/)
  })
})

describe('sub-protocols', () => {
  it("are chosen by the client's order, and told to the route", async () => {
    const { route, connect } = await startServer('?subProtocols=v1,v2')
    const peer = await connect({ protocols: ['v3', 'v2', 'v1'] })
    expect(peer.socket.protocol).toBe('v2')
    peer.send('hello')
    await eventually(() => expect(route.exchanges).toHaveLength(1))
    expect(route.exchanges[0]?.message.header('DromedaryWebsocketSubProtocol')).toBe('v2')
  })

  it('that are not spoken, or not asked for, are a refusal', async () => {
    const { connect } = await startServer('?subProtocols=v1,v2')
    await expect(connect({ protocols: ['v3'] })).rejects.toThrow('400')
    await expect(connect()).rejects.toThrow('400')
  })

  it('are never chosen by a server that was told none', async () => {
    const { connect } = await startServer()
    await expect(connect({ protocols: ['v1'] })).rejects.toThrow('Server sent no subprotocol')
  })
})

describe('a port', () => {
  it('is shared by paths, each with its own route', async () => {
    const port = await freePort()
    const route = fakeRoute({ clock: systemClock })
    const one = withPeers(await startAt(route, `ws:127.0.0.1:${port}/one?acceptHeaders=X`))
    const two = withPeers(await startAt(route, `ws:127.0.0.1:${port}/two?maxConnections=1`))
    expect(route.shared.held).toHaveLength(1)
    const peers = [await one.connect({ headers: { X: '1' } }), await two.connect({ headers: { X: '1' } })]
    for (const [at, peer] of peers.entries()) peer.send(String(at))
    await eventually(() => expect(route.exchanges).toHaveLength(2))
    const seen = route.exchanges.map(({ body, message }) => [body, message.header('X')])
    expect(new Map(seen as [unknown, unknown][])).toEqual(
      new Map([
        ['0', '1'],
        ['1', undefined],
      ] as [unknown, unknown][]),
    )
    await one.stop()
    peers[1]?.send('still there')
    await eventually(() => expect(route.bodies).toContain('still there'))
    expect(await peers[0]?.closed).toEqual({ code: 1001, reason: '' })
    await two.stop()
    expect(route.shared.held).toEqual([])
  })

  it('takes one consumer for a path, and settings on which all agree', async () => {
    const port = await freePort()
    const route = fakeRoute({ clock: systemClock })
    await startAt(route, `ws:127.0.0.1:${port}/one`)
    await expect(startAt(route, `ws:127.0.0.1:${port}/one?maxInFlight=2`)).rejects.toThrow(
      expect.objectContaining({ code: 'DROMEDARY_DUPLICATE_CONSUMER' }),
    )
    await expect(startAt(route, `ws:127.0.0.1:${port}/two?handshakeTimeout=1`)).rejects.toThrow(
      expect.objectContaining({ code: 'DROMEDARY_SHARED_CONFLICT' }),
    )
  })

  it('is one of loopback where the URI names no host, and of all that is named otherwise', async () => {
    const port = await freePort()
    for (const [uri, url] of [
      [`ws:${port}/feed`, `ws://127.0.0.1:${port}/feed`],
      [`ws::${port}/feed`, `ws://127.0.0.1:${port}/feed`],
      ['ws:0.0.0.0:0/feed', /^ws:\/\/0\.0\.0\.0:\d+\/feed$/],
      ...(hasIpv6 ? [['ws:[::1]:0/feed', /^ws:\/\/\[::1\]:\d+\/feed$/] as const] : []),
    ] as const) {
      const server = withPeers(await startConsumer(uri))
      expect(server.url).toEqual(typeof url === 'string' ? url : expect.stringMatching(url))
      const peer = await server.connect()
      peer.send('hello')
      await eventually(() => expect(server.route.bodies).toEqual(['hello']))
      await server.stop()
    }
  })

  it('that is taken already fails the start', async () => {
    const { port } = await startServer()
    await expect(startConsumer(`ws:127.0.0.1:${port}/feed`)).rejects.toThrow('EADDRINUSE')
  })

  it('answers 404 for other paths, and 426 to whoever speaks no WebSocket', async () => {
    const { connect, port } = await startServer()
    await expect(connect({}, '/more')).rejects.toThrow('404')
    const response = await fetch(`http://127.0.0.1:${port}/feed`)
    expect(response.status).toBe(426)
    expect(response.headers.get('upgrade')).toBe('websocket')
  })

  it('takes maxConnections peers, and 503 is for the others', async () => {
    const { connect } = await startServer('?maxConnections=2')
    const [one] = [await connect(), await connect()]
    await expect(connect()).rejects.toThrow('503')
    one.terminate()
    await eventually(() => connect())
  })
})
