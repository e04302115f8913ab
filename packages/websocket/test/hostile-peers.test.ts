import { eventually, FakeClock, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { frame, handshake, RawPeer } from './support/raw-peer.ts'
import { type StartedServer, startServer } from './support/route.ts'

/** Whatever was done to it: an honest peer is served. */
async function servesOthers({ route, connect }: StartedServer): Promise<void> {
  const before = route.exchanges.length
  const peer = await connect()
  peer.send('honest')
  await eventually(() => expect(route.bodies.slice(before)).toEqual(['honest']))
}

describe('a handshake that is none', () => {
  it.each([
    ['garbage', '\x00\xff\x13\x37'.repeat(100), '400'],
    ['a line that never ends', `GET /${'a'.repeat(100_000)}`, '431'],
    [
      '10,000 headers',
      handshake('/feed', Array.from({ length: 10_000 }, (_, at) => `X-${at}: ${at}\r\n`).join('')),
      '431',
    ],
    ['one header of 100,000 bytes', handshake('/feed', `X: ${'a'.repeat(100_000)}\r\n`), '431'],
    ['another method', handshake('/feed').replace('GET', 'POST'), '405'],
    ['no key', handshake('/feed').replace(/Sec-WebSocket-Key.*\r\n/, ''), '400'],
    ['another version', handshake('/feed').replace('Version: 13', 'Version: 99'), '400'],
    ['another protocol', handshake('/feed').replace('Upgrade: websocket', 'Upgrade: h2c'), '400'],
    ['a path that is no path', handshake('//['), '400'],
    ['a broken list of sub-protocols', handshake('/feed', 'Sec-WebSocket-Protocol: a,,b\r\n'), '400'],
  ])('%s gets an answer, and is ended', async (_, bytes, status) => {
    const started = await startServer()
    const peer = await RawPeer.connect(started.port)
    peer.send(bytes)
    await peer.closed
    expect(peer.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    await servesOthers(started)
    expect(started.route.errors).toEqual([])
  })

  it('sent slowly is ended after handshakeTimeout, counted from the connection', async () => {
    const clock = new FakeClock()
    const { port, route } = await startServer('?handshakeTimeout=5s', { clock })
    const peer = await RawPeer.connect(port)
    for (let second = 0; second < 5; second++) {
      expect(peer.socket.destroyed).toBe(false)
      peer.send(handshake('/feed')[second] ?? '')
      await eventually(() => clock.pending === 2)
      await clock.advance(1_000)
    }
    await peer.closed
    expect(peer.received).toBe('')
    expect(route.exchanges).toEqual([])
  })

  it('that is complete stays, however long it is silent then', async () => {
    const clock = new FakeClock()
    const { connect } = await startServer('?handshakeTimeout=5s&pingInterval=0', { clock })
    const peer = await connect()
    await clock.advance(3_600_000)
    expect(peer.isOpen).toBe(true)
    expect(clock.pending).toBe(0)
  })
})

describe('many connections', () => {
  it('1,000 that say nothing do not keep others out, and all are gone after a stop', async () => {
    const started = await startServer('?handshakeTimeout=1h')
    const peers = await Promise.all(Array.from({ length: 1_000 }, () => RawPeer.connect(started.port)))
    // Some that say something at least.
    for (const peer of peers.slice(0, 100)) peer.send('GET /feed HTTP/1.1\r\n')
    await servesOthers(started)
    await started.stop()
    await Promise.all(peers.map(({ closed }) => closed))
  })

  it('beyond 1,000 unfinished handshakes the oldest is ended, not the newest', async () => {
    const started = await startServer('?handshakeTimeout=1h')
    const oldest = await RawPeer.connect(started.port)
    oldest.send('GET ')
    await settle(5)
    const peers = await Promise.all(Array.from({ length: 1_000 }, () => RawPeer.connect(started.port)))
    await oldest.closed
    expect(peers.filter(({ socket }) => !socket.destroyed)).toHaveLength(1_000)
    await servesOthers(started)
  })

  it('1,000 peers send and are all heard', async () => {
    const { route, connect } = await startServer()
    const peers = await Promise.all(Array.from({ length: 1_000 }, () => connect()))
    for (const peer of peers) peer.send('hello')
    await eventually(() => expect(route.exchanges).toHaveLength(1_000))
  })
})

describe('frames that are none', () => {
  it.each([
    ['an opcode that does not exist', frame(0x3, Buffer.alloc(2)), 1002],
    ['a text that is no UTF-8', frame(0x1, Buffer.from([0xff, 0xfe])), 1007],
    ['a continuation of nothing', frame(0x0, Buffer.from('x')), 1002],
    ['no mask', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['a ping of more than 125 bytes', frame(0x9, Buffer.alloc(126)), 1002],
  ])('%s ends its connection with a code', async (_, bytes, code) => {
    const started = await startServer()
    const peer = await RawPeer.upgraded(started.port)
    peer.received = ''
    peer.send(bytes)
    await eventually(() => expect(peer.received).not.toBe(''))
    const answer = Buffer.from(peer.received, 'latin1')
    expect([answer[0], answer.readUInt16BE(2)]).toEqual([0x88, code])
    await servesOthers(started)
    expect(started.route.logs.filter(({ level }) => level === 'warn')).toEqual([])
  })

  it('a peer that is told to go and stays is ended', async () => {
    const { port } = await startServer()
    const peer = await RawPeer.upgraded(port)
    peer.send(frame(0x3, Buffer.alloc(2)))
    await peer.closed
  })
})

describe('a message longer than maxPayload', () => {
  it.each([
    [
      'in one frame, as soon as its length is known',
      (limit: number) => frame(0x2, Buffer.alloc(10), { length: limit + 1 }),
    ],
    [
      'in fragments',
      (limit: number) => Buffer.concat([frame(0x2, Buffer.alloc(limit), { fin: false }), frame(0x0, Buffer.alloc(1))]),
    ],
  ])('%s ends the connection with 1009 and one line in the log', async (_, bytes) => {
    for (const [query, limit] of [
      ['', 1_048_576],
      ['?maxPayload=1000', 1_000],
    ] as const) {
      const started = await startServer(query)
      const peer = await RawPeer.upgraded(started.port)
      peer.received = ''
      peer.send(frame(0x2, Buffer.alloc(limit)))
      await eventually(() => expect(started.route.exchanges).toHaveLength(1))
      peer.send(bytes(limit))
      await eventually(() => expect(peer.received).not.toBe(''))
      expect(Buffer.from(peer.received, 'latin1').readUInt16BE(2)).toBe(1009)
      const lines = started.route.logs.filter(({ level }) => level !== 'debug' && level !== 'info')
      expect(lines.map(({ message }) => message)).toEqual([expect.stringContaining(`maxPayload, ${limit} bytes`)])
      expect(started.route.exchanges).toHaveLength(1)
    }
  })

  it('counts after decompression', async () => {
    const { route, connect } = await startServer('?maxPayload=1000&perMessageDeflate=true')
    const peer = await connect({ perMessageDeflate: { threshold: 0 } })
    expect(peer.socket.extensions).toBe('permessage-deflate')
    peer.send('x'.repeat(100_000))
    expect(await peer.closed).toEqual({ code: 1009, reason: '' })
    expect(route.exchanges).toEqual([])
  })

  it('compression is not agreed on by default', async () => {
    const { connect } = await startServer()
    expect((await connect({ perMessageDeflate: true })).socket.extensions).toBe('')
  })
})

describe('a flood of pings', () => {
  it('by a peer that reads no pongs ends its connection', async () => {
    const { port } = await startServer()
    const peer = await RawPeer.upgraded(port)
    peer.socket.pause()
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(0x9, Buffer.alloc(125))))
    const flood = setInterval(() => peer.socket.writable && peer.send(pings), 1)
    await eventually(() =>
      expect(peer.socket.destroyed || peer.socket.writableEnded || peer.socket.errored).toBeTruthy(),
    )
    clearInterval(flood)
  })
})
