import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { dial } from './support/peer.ts'
import { lines } from './support/route.ts'

describe('a server for lines', () => {
  it('takes them in their order, whatever ends them, and says who sent them', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    peer.write('one\ntwo\r\n\nfour\n')
    await eventually(() => route.bodies.length === 4)
    expect(route.bodies).toEqual(['one', 'two', '', 'four'])
    const [exchange] = route.exchanges
    expect(exchange?.pattern).toBe('InOnly')
    expect(exchange?.message.headers.toJSON()).toEqual({
      CamelNettyRemoteAddress: `127.0.0.1:${peer.socket.localPort}`,
      CamelNettyLocalAddress: `127.0.0.1:${port}`,
    })
  })

  it('puts halves of lines and of characters together again', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    const bytes = Buffer.from('grün 🐪\n')
    for (const byte of bytes) {
      peer.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    await eventually(() => route.bodies.length === 1)
    expect(route.bodies).toEqual(['grün 🐪'])
  })

  it('takes no line from what stands behind the last delimiter when the peer has gone', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    peer.socket.end('whole\nhalf')
    await peer.isClosed()
    expect(route.bodies).toEqual(['whole'])
  })

  it('passes zero bytes on, and lives through bytes that are no text', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    peer.write(Buffer.concat([Buffer.from('a\0b\n'), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]), Buffer.from('c\n')]))
    await eventually(() => route.bodies.length === 3)
    expect(route.bodies).toEqual(['a\0b', '\ufffd\ufffd\ufffd(', 'c'])
    expect(route.errors).toEqual([])
  })

  it('closes a connection whose line is too long, says so once, and serves the others', async () => {
    const { route, port } = await lines('&decoderMaxLineLength=10')
    const bad = await dial(port)
    const good = await dial(port)
    bad.write('1234567890\nfine\n12345678901\n')
    await bad.isClosed()
    good.write('still here\n')
    await eventually(() => route.bodies.length === 3)
    expect(route.bodies).toEqual(['1234567890', 'fine', 'still here'])
    const said = route.logs.filter(line => line.level === 'warn').map(line => line.message)
    expect(said).toEqual([
      expect.stringMatching(
        /^tcp:\/\/127\.0\.0\.1:0\?\S+: closed the connection of 127\.0\.0\.1:\d+: a line is longer than decoderMaxLineLength=10 bytes$/,
      ),
    ])
  })

  it('never keeps more of an endless line than the limit, however fast it comes', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    const chunk = Buffer.alloc(16_384, 'x')
    let sent = 0
    while (!peer.closed && !peer.ended && sent < 2 ** 28) {
      sent += chunk.length
      if (!peer.socket.write(chunk)) await new Promise<void>(resolve => void setImmediate(resolve))
    }
    await peer.isClosed()
    expect(route.exchanges).toEqual([])
    expect(route.logs.filter(line => line.level === 'warn')).toHaveLength(1)
  })
})

describe('how lines are written and read', () => {
  it('delimiter: zero bytes, or any text, instead of line feeds', async () => {
    for (const [written, end] of [
      ['NULL', '\0'],
      ['%7C%7C', '||'],
      ['%03', '\u0003'],
    ] as const) {
      const { route, port } = await lines(`&delimiter=${written}`)
      const peer = await dial(port)
      peer.write(`a\nb${end}c${end}`)
      await eventually(() => route.bodies.length === 2)
      expect(route.bodies).toEqual(['a\nb', 'c'])
    }
  })

  it('encoding: what the bytes mean', async () => {
    for (const [encoding, text] of [
      ['', '\ufffd'],
      ['&encoding=iso-8859-1', 'ü'],
      ['&encoding=US-ASCII', '|'],
    ] as const) {
      const { route, port } = await lines(encoding)
      const peer = await dial(port)
      peer.write(Buffer.from([0xfc, 0x0a]))
      await eventually(() => route.bodies.length === 1)
      expect(route.bodies).toEqual([text])
    }
  })

  it('decoderMaxLineLength: 64 KiB unless asked otherwise', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    peer.write(`${'x'.repeat(65_536)}\n`)
    await eventually(() => route.bodies.length === 1)
    peer.write(`${'x'.repeat(65_537)}\n`)
    await peer.isClosed()
    expect(route.bodies).toHaveLength(1)
  })
})
