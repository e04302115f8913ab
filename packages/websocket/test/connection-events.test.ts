import type { Exchange } from '@dromedary/core/component'
import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { RawPeer } from './support/raw-peer.ts'
import { startConsumer, startServer } from './support/route.ts'
import { TestServer } from './support/test-server.ts'

const seen = ({ message, body }: Exchange) => {
  const headers = Object.entries(message.headers.toJSON()).filter(([name]) => !/connectionKey|remoteAddress/.test(name))
  return [body, Object.fromEntries(headers)]
}
const event = (type: string, more: object = {}) => ({ 'CamelVertxWebsocket.event': type, ...more })
const closed = (code: number, reason: string) =>
  event('CLOSE', { DromedaryWebsocketCloseCode: code, DromedaryWebsocketCloseReason: reason })

describe('fireWebSocketConnectionEvents', () => {
  it('is off by default: there are messages only, and they do not say so', async () => {
    const { route, connect } = await startServer()
    const peer = await connect()
    peer.send('hello')
    peer.socket.close()
    await peer.closed
    await eventually(() => expect(route.exchanges.map(seen)).toEqual([['hello', {}]]))
  })

  it('makes exchanges of a server for open, message and close, in order, of the same connection', async () => {
    const { route, connect } = await startServer('?fireWebSocketConnectionEvents=true')
    const peer = await connect()
    peer.send('hello')
    peer.socket.close(4_001, 'bye\r\nforged line')
    await eventually(() => expect(route.exchanges).toHaveLength(3))
    expect(route.exchanges.map(seen)).toEqual([
      [null, event('OPEN')],
      ['hello', event('MESSAGE')],
      [null, closed(4_001, 'bye forged line')],
    ])
    const keys = route.exchanges.map(({ message }) => message.header('CamelVertxWebsocket.connectionKey'))
    expect(new Set(keys).size).toBe(1)
  })

  it('makes an exchange of an error, with what it was', async () => {
    const { route, port } = await startServer('?fireWebSocketConnectionEvents=true')
    const peer = await RawPeer.upgraded(port)
    peer.send(Buffer.from([0x83, 0x80, 0, 0, 0, 0]))
    await eventually(() => expect(route.exchanges).toHaveLength(3))
    const events = route.exchanges.map(({ message }) => message.header('CamelVertxWebsocket.event'))
    expect(events).toEqual(['OPEN', 'ERROR', 'CLOSE'])
    expect(route.exchanges[1]?.getProperty('CamelExceptionCaught')).toMatchObject({ code: 'WS_ERR_INVALID_OPCODE' })
    expect(route.exchanges[1]?.failed).toBe(false)
  })

  it('makes the same of a client, for each of its connections', async () => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        socket.send('hello')
        if (server.accepted.length === 1) socket.terminate()
      },
    })
    const query = '?consumeAsClient=true&reconnectInitialDelay=1&fireWebSocketConnectionEvents=true'
    const { route, stop } = await startConsumer(`ws:127.0.0.1:${server.port}/${query}`)
    await eventually(() => expect(route.bodies.at(-1)).toBe('hello'))
    const events = () => route.exchanges.map(({ message }) => message.header('CamelVertxWebsocket.event'))
    await eventually(() => expect(events().filter(one => one !== 'MESSAGE')).toEqual(['OPEN', 'CLOSE', 'OPEN']))
    await stop()
    // An end that the route itself brings about is no event: it takes nothing any more.
    expect(events().filter(one => one !== 'MESSAGE')).toEqual(['OPEN', 'CLOSE', 'OPEN'])
  })
})
