import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '@dromedary/test-servers/certificate'
import { eventually } from '@dromedary/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { vertxWebsocket, ws, wss } from '../src/index.ts'
import { startConsumer, startProducer, startServer } from './support/route.ts'
import { TestServer } from './support/test-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'dromedary-websocket-'))
const server = selfSigned()
const other = selfSigned()
const file = (name: string) => join(folder, name)
const SERVER = `keyFile=${file('key')}&certFile=${file('cert')}`
const TRUST = `caFile=${file('cert')}`

beforeAll(() => {
  writeFileSync(file('key'), server.key)
  writeFileSync(file('cert'), server.cert)
  writeFileSync(file('other-key'), other.key)
  writeFileSync(file('other-cert'), other.cert)
})
afterAll(() => rmSync(folder, { recursive: true }))

const secureServer = () => TestServer.listen({ server: createServer({ key: server.key, cert: server.cert }) })
const client = (port: number, query: string, host = '127.0.0.1') =>
  `wss:${host}:${port}/feed?consumeAsClient=true&reconnectInterval=1h${query}`

describe('a server with TLS', () => {
  it('serves by the key and the certificate of its files', async () => {
    const { route, connect, url } = await startServer(`?${SERVER}`, { component: wss })
    expect(url).toMatch(/^wss:/)
    const peer = await connect({ ca: server.cert })
    peer.send('secret')
    await eventually(() => expect(route.bodies).toEqual(['secret']))
    await expect(connect()).rejects.toThrow(/self-signed/)
    await expect(connect({ ca: other.cert })).rejects.toThrow(/self-signed|unable/)
  })

  it('asks for the certificate of its clients where needClientAuth says so', async () => {
    const query = `?${SERVER}&needClientAuth=true&caFile=${file('other-cert')}`
    const { connect } = await startServer(query, { component: wss })
    await connect({ ca: server.cert, key: other.key, cert: other.cert })
    await expect(connect({ ca: server.cert })).rejects.toThrow()
    await expect(connect({ ca: server.cert, key: server.key, cert: server.cert })).rejects.toThrow()
  })

  it('takes the rest from sslContextParameters, and is told the passphrase', async () => {
    const { createPrivateKey } = await import('node:crypto')
    const passphrase = 'open sesame'
    const encrypted = createPrivateKey(server.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    })
    const tls = { key: encrypted, cert: server.cert, maxVersion: 'TLSv1.2' }
    const query = `?sslContextParameters=#bean:tls&passphrase=${encodeURIComponent(passphrase)}`
    const { connect } = await startServer(query, { component: wss, beans: { tls } })
    const peer = await connect({ ca: server.cert })
    expect((peer.socket as unknown as { _socket: { getProtocol(): string } })._socket.getProtocol()).toBe('TLSv1.2')
    await expect(startServer(query.replace('sesame', 'other'), { component: wss, beans: { tls } })).rejects.toThrow()
  })

  it('does not start without a certificate, nor with a file that is not there', async () => {
    const invalid = expect.objectContaining({ code: 'DROMEDARY_INVALID_OPTION' })
    await expect(startServer('', { component: wss })).rejects.toThrow(invalid)
    const missing = startServer(`?keyFile=${file('none')}&certFile=${file('cert')}`, { component: wss })
    await expect(missing).rejects.toThrow(invalid)
    await expect(missing).rejects.toThrow(/keyFile .*ENOENT/)
  })

  it('ends a TLS handshake that does not come', async () => {
    const { RawPeer } = await import('./support/raw-peer.ts')
    const { port, route } = await startServer(`?${SERVER}&handshakeTimeout=100`, { component: wss })
    const peer = await RawPeer.connect(port)
    await peer.closed
    const garbage = await RawPeer.connect(port)
    garbage.send('GET / HTTP/1.1\r\n\r\n')
    await garbage.closed
    expect(route.errors).toEqual([])
  })
})

describe('a client with TLS', () => {
  it('trusts the certificates of its file, and no others', async () => {
    const { port } = await secureServer()
    const { route } = await startConsumer(client(port, `&${TRUST}`), {}, wss)
    expect(route.states).toEqual(['connected'])
    for (const query of ['', `&caFile=${file('other-cert')}`]) {
      const refused = await startConsumer(client(port, query), {}, wss)
      expect(refused.route.states).toEqual(['disconnected'])
    }
  })

  it('insists on the name in the certificate, unless hostnameVerification is off', async () => {
    const { port } = await secureServer()
    const states = async (query: string) =>
      (await startConsumer(client(port, `&${TRUST}${query}`, 'localhost'), {}, wss)).route.states
    expect(await states('')).toEqual(['disconnected'])
    expect(await states('&hostnameVerification=false')).toEqual(['connected'])
  })

  it('shows its own certificate, and reads it anew for each connection', async () => {
    const {
      connect: _,
      port,
      route: serverRoute,
    } = await startServer(`?${SERVER}&needClientAuth=true&caFile=${file('other-cert')}`, { component: wss })
    const mine = `&keyFile=${file('mine-key')}&certFile=${file('mine-cert')}&${TRUST}`
    writeFileSync(file('mine-key'), server.key)
    writeFileSync(file('mine-cert'), server.cert)
    const { send } = await startProducer(`wss:127.0.0.1:${port}/feed?reconnectInitialDelay=1${mine}`, undefined, wss)
    // The refusal of a certificate comes after the client's side of the handshake is done.
    await expect(send('x')).rejects.toThrow()
    writeFileSync(file('mine-key'), other.key)
    writeFileSync(file('mine-cert'), other.cert)
    await eventually(() => send('hello'))
    await eventually(() => expect(serverRoute.bodies).toContain('hello'))
  })

  it('finds out by pings whether a peer lives, over TLS as well', async () => {
    const { FakeClock, settle } = await import('@dromedary/testing')
    const clock = new FakeClock()
    const { port, accepted } = await secureServer()
    const { route } = await startConsumer(client(port, `&${TRUST}&pingInterval=1s`), { clock }, wss)
    let pings = 0
    accepted[0]?.socket.on('ping', () => pings++)
    for (let second = 1; second <= 4; second++) {
      await clock.advance(1_000)
      await eventually(() => expect(pings).toBe(second))
      await settle(20)
    }
    expect(route.states).toEqual(['connected'])
  })
})

describe('options for TLS', () => {
  it('are refused by ws, which is without, and make vertx-websocket secure', async () => {
    await expect(startConsumer(`ws:127.0.0.1:0/?${SERVER}`, {}, ws)).rejects.toThrow(/write wss/)
    const secure = await startServer(`?${SERVER}`, { component: vertxWebsocket })
    expect(secure.url).toMatch(/^wss:/)
    expect((await startServer('', { component: vertxWebsocket })).url).toMatch(/^ws:/)
  })
})
