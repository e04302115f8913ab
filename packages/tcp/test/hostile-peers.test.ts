import { connect as connectTls } from 'node:tls'
import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { CertificateFiles, expired } from './support/certificates.ts'
import { dial, type Peer } from './support/peer.ts'
import { consume, lines, type Running } from './support/route.ts'

const warnings = ({ route }: Running) =>
  route.logs.filter(({ level }) => level === 'warn').map(({ message }) => message)

/** A peer that behaves, and what came of it while others do not: all of it, in its order. */
async function honest(server: Running): Promise<() => Promise<void>> {
  const peer = await dial(server.port)
  let sent = 0
  const timer = setInterval(() => peer.write(`honest ${sent++}\n`), 1)
  return async () => {
    clearInterval(timer)
    const expected = Array.from({ length: sent }, (_, n) => `honest ${n}`)
    const came = () => server.route.bodies.filter(body => String(body).startsWith('honest'))
    await eventually(() => came().length === sent)
    expect(sent).toBeGreaterThan(0)
    expect(came()).toEqual(expected)
    expect(peer.ended || peer.closed).toBe(false)
    peer.destroy()
  }
}

/** As fast as it is taken, until the other side closes. */
async function pour(peer: Peer, block: Buffer): Promise<number> {
  let bytes = 0
  for (; !peer.ended && !peer.closed; bytes += block.length) {
    if (!peer.socket.write(block)) await new Promise(resolve => setTimeout(resolve, 1))
    else await new Promise(setImmediate)
  }
  peer.destroy()
  return bytes
}

describe('hostile peers, one warning for each, and an honest one is served all the while', () => {
  it('an endless line', async () => {
    const server = await lines()
    const done = await honest(server)
    const before = process.memoryUsage().arrayBuffers
    await pour(await dial(server.port), Buffer.alloc(65_536, 'x'))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024)
    await done()
    expect(warnings(server)).toEqual([expect.stringMatching(/a line is longer than decoderMaxLineLength=/)])
  })

  it('binary garbage', async () => {
    const server = await lines('&decoderMaxLineLength=1000')
    const done = await honest(server)
    // Without a line feed: whatever has one is a line.
    const garbage = Buffer.from(Array.from({ length: 65_536 }, (_, n) => (n * 7_919 + 1) % 251)).map(b =>
      b === 10 ? 0 : b,
    )
    await pour(await dial(server.port), Buffer.from(garbage))
    await done()
    expect(warnings(server)).toEqual([expect.stringMatching(/a line is longer/)])
  })

  it('half a frame, which stays half', async () => {
    const server = await consume('tcp:127.0.0.1:0?textline=true&sync=false&frameTimeout=300')
    const done = await honest(server)
    const half = await dial(server.port)
    half.write('half a')
    await half.isClosed(20_000)
    await done()
    expect(server.route.bodies).not.toContain('half a')
    expect(warnings(server)).toEqual([expect.stringMatching(/began and did not end within frameTimeout=300 ms$/)])
  })

  it('a slow loris, a byte at a time', async () => {
    const server = await consume('tcp:127.0.0.1:0?textline=true&sync=false&frameTimeout=500')
    const done = await honest(server)
    const loris = await dial(server.port)
    const timer = setInterval(() => loris.write('x'), 20)
    await loris.isClosed(20_000)
    clearInterval(timer)
    loris.destroy()
    await done()
    expect(warnings(server)).toEqual([expect.stringMatching(/did not end within frameTimeout=500 ms$/)])
  })

  it('1,000 connections within a second, half of which stay', async () => {
    const server = await lines('&maxConnections=100')
    const done = await honest(server)
    const peers: Peer[] = []
    for (let burst = 0; burst < 10; burst++) {
      const some = await Promise.allSettled(Array.from({ length: 100 }, () => dial(server.port)))
      const came = some.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
      for (const peer of came.splice(0, 50)) peer.destroy()
      peers.push(...came)
    }
    await done()
    for (const peer of peers) peer.destroy()
    expect(warnings(server)).toEqual([
      expect.stringContaining('has maxConnections=100 and closes each new one at once'),
    ])
  })

  it('the wrong TLS: an expired certificate of a client, an old version, and none at all', async () => {
    const files = new CertificateFiles()
    const { cert, key } = files.write('server', expired())
    const tls = `&ssl=true&sslCert=${cert}&sslKey=${key}`
    const server = await consume(`tcp:127.0.0.1:0?textline=true&sync=false${tls}&needClientAuth=true&sslCa=${cert}`)
    const tried = async (options: object) => {
      const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
      socket.on('error', () => {})
      const closed = new Promise(resolve => socket.once('close', resolve))
      socket.write('let me in\n')
      await closed
    }
    await tried({})
    await tried({ ...expired() })
    await tried({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' })
    const plain = await dial(server.port)
    plain.write('let me in\n')
    await plain.isClosed(20_000)
    files.remove()
    expect(server.route.bodies).toEqual([])
    await eventually(() => warnings(server).length === 4)
  })
})
