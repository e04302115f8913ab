import { createPrivateKey } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { systemClock } from '@dromedary/core'
import type { Producer } from '@dromedary/core/component'
import { selfSigned } from '@dromedary/test-servers/certificate'
import { eventually, fakeRoute, settle } from '@dromedary/testing'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { tcp } from '../src/index.ts'
import { CertificateFiles, expired, type Pair } from './support/certificates.ts'
import { dial } from './support/peer.ts'
import { consume, endpointOf, portOf } from './support/route.ts'

const files = new CertificateFiles()
afterAll(() => files.remove())
const server = files.write('server', selfSigned())
const client = files.write('client', selfSigned())
const stranger = files.write('stranger', selfSigned())
const old = files.write('old', expired())

const listen = (query = '', pair: Pair = server) =>
  consume(`tcp:127.0.0.1:0?textline=true&ssl=true&sslCert=${pair.cert}&sslKey=${pair.key}${query}`)

/** Sends a line there, and gives back the reply. */
async function ask(port: number, query: string, host = '127.0.0.1'): Promise<unknown> {
  const route = fakeRoute({ clock: systemClock })
  const endpoint = route.endpoint(tcp, `tcp:${host}:${port}?textline=true&ssl=true${query}`)
  const producer = endpoint.producer?.() as Producer
  onTestFinished(async () => void (await producer.close?.()))
  await producer.start?.(new AbortController().signal)
  const exchange = route.entry.createExchange('hello')
  await producer.send(exchange)
  return exchange.body
}

describe('with ssl=true', () => {
  it('a request goes there and back', async () => {
    const { route, port } = await listen()
    expect(await ask(port, `&sslCa=${server.cert}`)).toBe('hello')
    expect(route.exchanges[0]?.message.header('CamelNettyRemoteAddress')).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  it('certificate, key and authorities may be PEM text instead of files', async () => {
    const pair = selfSigned()
    const component = tcp({ sslCert: pair.cert, sslKey: pair.key, sslCa: pair.cert })
    const route = fakeRoute({ clock: systemClock })
    const consumer = route.consumer(component, 'tcp:127.0.0.1:0?textline=true&ssl=true')
    onTestFinished(() => consumer.close(true))
    await consumer.start(new AbortController().signal)
    const sender = fakeRoute({ clock: systemClock })
    const producer = sender
      .endpoint(component, `tcp:127.0.0.1:${portOf(route)}?textline=true&ssl=true`)
      .producer?.() as Producer
    onTestFinished(async () => void (await producer.close?.()))
    const exchange = sender.entry.createExchange('x')
    await producer.send(exchange)
    expect(exchange.body).toBe('x')
  })

  it('passphrase: the key may be encrypted', async () => {
    const { cert, key } = selfSigned()
    const pem = createPrivateKey(key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'geheim',
    })
    const pair = files.write('encrypted', { cert, key: pem.toString() })
    const { port } = await listen('&passphrase=geheim', pair)
    expect(await ask(port, `&sslCa=${pair.cert}`)).toBe('hello')
    const wrong = listen('&passphrase=falsch', pair)
    await expect(wrong).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_OPTION' })
    await expect(wrong).rejects.toThrow(/passphrase=xxxxxx.* is of no use/)
    await expect(wrong).rejects.not.toThrow(/falsch/)
  })
})

describe('a client does not talk to', () => {
  it.each([
    ['a server that nobody it knows has vouched for', server, '', '127.0.0.1', /self.signed certificate/],
    ['a server that somebody else has vouched for', server, `&sslCa=${stranger.cert}`, '127.0.0.1', /certificate/],
    ['a server whose certificate has expired', old, `&sslCa=${old.cert}`, '127.0.0.1', /expired/],
    ['a server whose certificate is for another host', server, `&sslCa=${server.cert}`, 'localhost', /localhost/],
  ])('%s', async (_, pair, query, host, why) => {
    const { route, port } = await listen('', pair)
    const asking = ask(port, query, host)
    await expect(asking).rejects.toMatchObject({ code: 'DROMEDARY_CONNECTION_FAILED' })
    await expect(asking).rejects.toThrow(why)
    expect(route.exchanges).toEqual([])
  })

  it('hostnameVerification=false: takes any name, but not any signature', async () => {
    const { port } = await listen()
    const query = '&hostnameVerification=false'
    expect(await ask(port, `${query}&sslCa=${server.cert}`, 'localhost')).toBe('hello')
    await expect(ask(port, `${query}&sslCa=${stranger.cert}`, 'localhost')).rejects.toThrow(/certificate/)
  })

  it('a server without TLS', async () => {
    const { port } = await consume('tcp:127.0.0.1:0?textline=true')
    await expect(ask(port, `&sslCa=${server.cert}&connectTimeout=2s`)).rejects.toMatchObject({
      code: 'DROMEDARY_CONNECTION_FAILED',
    })
  })

  it('a wrong server as a consumer either: it says so once, and goes on trying', async () => {
    const { port } = await listen('&sync=false')
    const { route } = await consume(
      `tcp:127.0.0.1:${port}?textline=true&ssl=true&clientMode=true&sslCa=${stranger.cert}&reconnectInterval=5`,
    )
    expect(route.states).toEqual(['disconnected'])
    await eventually(() => route.logs.filter(line => line.message.includes('certificate')).length > 2)
    expect(route.states).toEqual(['disconnected'])
  })
})

describe('a server', () => {
  it('needClientAuth: takes only clients whose certificate sslCa has signed, and says who the others were', async () => {
    const { route, port } = await listen(`&needClientAuth=true&sslCa=${client.cert}`)
    const known = `&sslCa=${server.cert}&sslCert=${client.cert}&sslKey=${client.key}`
    expect(await ask(port, known)).toBe('hello')
    await expect(ask(port, `&sslCa=${server.cert}`)).rejects.toThrow()
    await expect(ask(port, `&sslCa=${server.cert}&sslCert=${stranger.cert}&sslKey=${stranger.key}`)).rejects.toThrow()
    expect(route.bodies).toHaveLength(1)
    await eventually(() => route.logs.filter(line => line.level === 'warn').length === 2)
    expect(route.logs.find(line => line.level === 'warn')?.message).toMatch(/closed the connection of .*certificate/)
  })

  it('sslClientCertHeaders: says what the certificate of the client says', async () => {
    const query = `&needClientAuth=true&sslCa=${client.cert}`
    const known = `&sslCa=${server.cert}&sslCert=${client.cert}&sslKey=${client.key}`
    const with_ = await listen(`${query}&sslClientCertHeaders=true`)
    await ask(with_.port, known)
    expect(with_.route.exchanges[0]?.message.headers.toJSON()).toMatchObject({
      CamelNettySSLClientCertSubjectName: 'CN=test',
      CamelNettySSLClientCertIssuerName: 'CN=test',
      CamelNettySSLClientCertSerialNumber: '01',
      CamelNettySSLClientCertNotBefore: new Date('2020-01-01T00:00:00Z'),
      CamelNettySSLClientCertNotAfter: new Date('2120-01-01T00:00:00Z'),
    })
    const without = await listen(query)
    await ask(without.port, known)
    expect(without.route.exchanges[0]?.message.headers.size).toBe(2)
  })

  it('enabledProtocols: speaks TLS 1.2 and 1.3, or what is asked for', async () => {
    const speaks = (port: number, version: 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<boolean>(resolve => {
        const only = { minVersion: version, maxVersion: version }
        const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...only })
        socket.once('error', () => resolve(false))
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol() === version)
          socket.destroy()
        })
      })
    for (const [query, two, three] of [
      ['', true, true],
      ['&enabledProtocols=TLSv1.2', true, false],
      ['&enabledProtocols=TLSv1.3', false, true],
    ] as const) {
      const { port } = await listen(query)
      expect([await speaks(port, 'TLSv1.2'), await speaks(port, 'TLSv1.3')], query).toEqual([two, three])
    }
  })

  it('connectTimeout: a client that does not go through with its handshake is cut off', async () => {
    const { route, port } = await listen('&connectTimeout=100')
    const peer = await dial(port)
    await peer.isClosed()
    expect(route.logs.find(line => line.level === 'warn')?.message).toMatch(/handshake/i)
  })

  it('is told nothing but noise by a client without TLS, and serves the others', async () => {
    const { route, port } = await listen()
    const peer = await dial(port)
    peer.write('GET / HTTP/1.1\r\n\r\n')
    await peer.isClosed()
    expect(await ask(port, `&sslCa=${server.cert}`)).toBe('hello')
    expect(route.exchanges).toHaveLength(1)
  })

  it('closes every handle, those in the middle of a handshake too', async () => {
    const { consumer, port } = await listen()
    const half = await dial(port)
    const whole = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await new Promise<void>(resolve => void whole.once('secureConnect', () => resolve()))
    const closed = new Promise<void>(resolve => void whole.once('close', () => resolve()))
    await settle(10)
    await consumer.quiesce()
    await consumer.close(false)
    await Promise.all([half.isClosed(), closed])
  })

  it('takes nothing from a handshake that ends after the stop began', async () => {
    const { route, consumer, port } = await listen('&sync=false')
    const socket = createConnection(port, '127.0.0.1')
    await new Promise<void>(resolve => void socket.once('connect', resolve))
    await settle(10)
    await consumer.quiesce()
    const late = connect({ socket, rejectUnauthorized: false })
    const closed = new Promise<void>(resolve => void late.once('close', () => resolve()))
    late.on('error', () => {})
    late.write('too late\n')
    await closed
    expect(route.bodies).toEqual([])
    await consumer.close(false)
  })

  it('under load loses nothing that was read, as without TLS', async () => {
    const { route, consumer, port } = await listen('&sync=false')
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    socket.on('error', () => {})
    let sent = 0
    const write = () => {
      for (let batch = 0; batch < 200; batch++) socket.write(`${sent++}\n`)
      if (!socket.destroyed) setImmediate(write)
    }
    socket.once('secureConnect', write)
    await eventually(() => route.exchanges.length > 5_000, { every: 0 })
    await consumer.quiesce()
    const entered = route.exchanges.length
    await consumer.close(false)
    await settle(10)
    expect(route.bodies).toEqual(Array.from({ length: entered }, (_, at) => String(at)))
    socket.destroy()
  })
})

describe('certificates', () => {
  it('are not read before something starts, and once for an endpoint', async () => {
    const pair = files.write('late', selfSigned())
    const late = `${pair.cert}.not-yet`
    const route = fakeRoute({ clock: systemClock })
    const uri = `tcp:127.0.0.1:0?textline=true&ssl=true&sslCert=${late}&sslKey=${pair.key}`
    const first = route.consumer(tcp, uri)
    const second = route.consumer(tcp, uri)
    onTestFinished(() => second.close(true))
    const starting = (async () => first.start(new AbortController().signal))()
    await expect(starting).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_OPTION' })
    await expect(starting).rejects.toThrow(/tcp option sslCert names a file that cannot be read/)
    await first.close(false)
    renameSync(pair.cert, late)
    await second.start(new AbortController().signal)
    writeFileSync(late, 'no certificate any more')
    const third = route.consumer(tcp, uri)
    onTestFinished(() => third.close(true))
    await third.start(new AbortController().signal)
  })

  it.each([
    ['sslCert and sslKey is missing', 'ssl=true'],
    ['sslCa is missing', `ssl=true&sslCert=${server.cert}&sslKey=${server.key}&needClientAuth=true`],
  ])('that a server needs are asked for when the route is made: %s', (message, query) => {
    const endpoint = endpointOf(`tcp:127.0.0.1:0?textline=true&${query}`)
    expect(() => endpoint.consumer?.(fakeRoute().entry)).toThrow(message)
    expect(() => endpoint.producer?.()).not.toThrow()
  })

  it('that do not belong to each other are refused at the start', async () => {
    await expect(listen('', { cert: server.cert, key: client.key })).rejects.toMatchObject({
      code: 'DROMEDARY_INVALID_OPTION',
    })
    writeFileSync(join(files.folder, 'garbage'), 'not PEM')
    await expect(listen('', { cert: join(files.folder, 'garbage'), key: server.key })).rejects.toThrow(/is of no use/)
  })
})
