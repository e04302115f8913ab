import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Reader, Writer } from '../src/kafka/protocol/bytes.ts'
import { metadata } from '../src/kafka/protocol/metadata.ts'
import { hostAndPort, request } from '../src/kafka/protocol/request.ts'
import { listen } from '../src/proxy/wire.ts'

/** A server that answers each connection with some bytes, in pieces, or closes it. */
async function serverThatSays(...pieces: Buffer[]): Promise<string> {
  const server = createServer(async socket => {
    socket.on('error', () => {})
    for (const piece of pieces) {
      socket.write(piece)
      await new Promise(setImmediate)
    }
    if (pieces.length === 0) socket.end()
  })
  onTestFinished(() => void server.close())
  return `127.0.0.1:${await listen(server)}`
}

const withLength = (body: Buffer) => Buffer.concat([new Writer().int32(body.length).bytes, body])

describe('bytes', () => {
  it('come back as they were written', () => {
    const bytes = new Writer()
      .boolean(true)
      .int16(-3)
      .int32(1 << 20)
      .string('größer')
    bytes.array(['a', 'b'], one => bytes.string(one))
    const reader = new Reader(bytes.int16(-1).bytes)
    expect([reader.boolean(), reader.int16(), reader.int32(), reader.string()]).toEqual([true, -3, 1 << 20, 'größer'])
    expect(reader.array(() => reader.string())).toEqual(['a', 'b'])
    expect(reader.string()).toBeUndefined()
  })

  it('are not made up where an answer ends too early', () => {
    expect(() => new Reader(Buffer.from([0, 5, 65])).string()).toThrow('an answer of 3 bytes ends too early')
  })
})

describe('a request', () => {
  it('reads an answer that comes in pieces', async () => {
    const answer = withLength(new Writer().int32(1).string('there').bytes)
    const address = await serverThatSays(answer.subarray(0, 2), answer.subarray(2, 9), answer.subarray(9))
    const reader = await request(address, { key: 18, version: 0 }, Buffer.alloc(0))
    expect(reader.string()).toBe('there')
  })

  it('rejects without an answer: closed, silent, refused', async () => {
    const ask = (address: string, within?: number) => request(address, { key: 18, version: 0 }, Buffer.alloc(0), within)
    await expect(ask(await serverThatSays())).rejects.toThrow('closed the connection without an answer')
    await expect(ask(await serverThatSays(Buffer.from([0])), 50)).rejects.toThrow('did not answer in 50 ms')
    await expect(ask('127.0.0.1:1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('knows where to go', () => {
    expect(hostAndPort(' kafka-1.example:9092')).toEqual({ host: 'kafka-1.example', port: 9092 })
    expect(hostAndPort('[::1]:9092')).toEqual({ host: '::1', port: 9092 })
    expect(() => hostAndPort('localhost')).toThrow('localhost is no host:port')
  })
})

it('metadata tell of brokers, topics and their leaders', async () => {
  const body = new Writer().int32(1).int32(0)
  body.array([9092], port => body.int32(1).string('kafka').int32(port).int16(-1))
  body.int16(-1).int32(1)
  body.array(['topic'], name => {
    body.int16(3).string(name).boolean(false)
    body.array([0, 1], partition =>
      body
        .int16(0)
        .int32(partition)
        .int32(partition - 1)
        .int32(0)
        .int32(0),
    )
  })
  const address = await serverThatSays(withLength(body.bytes))
  expect(await metadata(address)).toEqual({
    brokers: ['kafka:9092'],
    topics: [{ name: 'topic', error: 3, internal: false, leaders: [-1, 0] }],
  })
})
