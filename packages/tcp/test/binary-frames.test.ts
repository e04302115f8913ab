import { eventually } from '@dromedary/testing'
import { expect, it } from 'vitest'
import type { Codec } from '../src/index.ts'
import { dial } from './support/peer.ts'
import { consume } from './support/route.ts'

const server = (query: string, beans = {}) => consume(`tcp:127.0.0.1:0?${query}`, { beans })
const hex = (bodies: readonly unknown[]) => bodies.map(body => (body as Buffer).toString('hex'))

it.each([
  ['lengthFieldLength=1', '02abcd', '00', '01ef'],
  ['lengthFieldLength=2', '0002abcd', '0000', '0001ef'],
  ['lengthFieldLength=4', '00000002abcd', '00000000', '00000001ef'],
  ['lengthFieldLength=4&byteOrder=LITTLE_ENDIAN', '02000000abcd', '00000000', '01000000ef'],
  ['lengthFieldLength=8', '0000000000000002abcd', '0000000000000000', '0000000000000001ef'],
])('%s: frames behind their length, and replies in the same form', async (query, ...frames) => {
  const { route, port } = await server(query)
  const peer = await dial(port)
  peer.write(Buffer.from(frames.join(''), 'hex'))
  await eventually(() => peer.received.toString('hex') === frames.join(''))
  expect(hex(route.bodies)).toEqual(['abcd', '', 'ef'])
})

it('maxFrameLength: a frame that says more closes the connection, before it has come', async () => {
  const { route, port } = await server('lengthFieldLength=4&sync=false&maxFrameLength=3')
  const peer = await dial(port)
  peer.write(Buffer.from('0000000301020300000004', 'hex'))
  await peer.isClosed()
  expect(hex(route.bodies)).toEqual(['010203'])
  expect(route.logs.some(line => line.message.includes('maxFrameLength=3'))).toBe(true)
})

it('maxFrameLength: 64 KiB unless asked otherwise; what is sent must keep to it as well', async () => {
  const { route, port } = await consume('tcp:127.0.0.1:0?lengthFieldLength=4', {
    route: exchange => {
      exchange.message.body = Buffer.alloc(65_537)
    },
  })
  const peer = await dial(port)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(65_536)
  peer.write(Buffer.concat([length, Buffer.alloc(65_536)]))
  await peer.isClosed()
  expect(route.bodies).toHaveLength(1)
  expect(route.logs.find(line => line.level === 'warn')?.message).toMatch(
    /leaves no reply for 127\.0\.0\.1:\d+: a body of 65537 bytes is longer than maxFrameLength=65536$/,
  )
})

it('fixedLength: frames of so many bytes', async () => {
  const { route, port } = await server('fixedLength=3&sync=false')
  const peer = await dial(port)
  for (const part of ['01', '02030405', '06070809']) {
    peer.write(Buffer.from(part, 'hex'))
    await new Promise(setImmediate)
  }
  await eventually(() => route.bodies.length === 3)
  expect(hex(route.bodies)).toEqual(['010203', '040506', '070809'])
})

it('allowDefaultCodec=false: bytes as they come', async () => {
  const { route, port } = await server('allowDefaultCodec=false&sync=false')
  const peer = await dial(port)
  const sent = Buffer.alloc(200_000, 'x')
  peer.write(sent)
  await eventually(() => Buffer.concat(route.bodies as Buffer[]).length === sent.length)
  expect(Buffer.concat(route.bodies as Buffer[])).toEqual(sent)
  expect(route.bodies.every(body => Buffer.isBuffer(body))).toBe(true)
})

/** Numbers in decimal, each ended by a dot. */
const dotted = (pending: () => number): Codec => ({
  decoder() {
    let text = ''
    return {
      push: chunk => {
        text += chunk.toString('latin1')
      },
      next: () => {
        const dot = text.indexOf('.')
        if (dot < 0) return undefined
        const number = Number(text.slice(0, dot))
        text = text.slice(dot + 1)
        if (Number.isNaN(number)) throw new RangeError('not a number')
        return number === 0 ? null : number
      },
      get pending() {
        return pending() * text.length
      },
    }
  },
  encode: body => `${Number(body) * 2}.`,
})

it('codec: your own framing, for what comes and for what is sent', async () => {
  const { route, port } = await server('codec=%23bean:dotted', { dotted: dotted(() => 1) })
  const one = await dial(port)
  const other = await dial(port)
  one.write('1')
  other.write('2.')
  await other.gets('4.')
  one.write('2.4.')
  await one.gets('24.8.')
  // Null is a frame too: here one without a reply.
  one.write('0.')
  await one.isClosed()
  expect(route.bodies).toEqual([2, 12, 4, null])
  other.write('x.')
  await other.isClosed()
  expect(route.logs.some(line => line.message.endsWith('not a number'))).toBe(true)
})

it.each([
  ['holds too much', 1],
  ['does not say how much it holds', Number.NaN],
])('codec: a decoder that %s is not waited for', async (_, factor) => {
  const { port } = await server('codec=%23bean:dotted&maxFrameLength=10', { dotted: dotted(() => factor) })
  const peer = await dial(port)
  peer.write('12345678901')
  await peer.isClosed()
})
