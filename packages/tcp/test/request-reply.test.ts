import { DromedaryError, type Exchange } from '@dromedary/core'
import { eventually, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { dial } from './support/peer.ts'
import { consume } from './support/route.ts'

const server = (query = '', route: Parameters<typeof consume>[1] = {}) =>
  consume(`tcp:127.0.0.1:0?textline=true${query}`, route)

const replyWith = (body: unknown) => (exchange: Exchange) => {
  exchange.message.body = body
}

describe('a server replies', () => {
  it('with the body at the end of the route, as one line', async () => {
    const { route, port } = await server('', {
      route: exchange => {
        exchange.message.body = `you said ${exchange.message.body}`
      },
    })
    const peer = await dial(port)
    peer.write('hello\n')
    await peer.gets('you said hello\n')
    expect(route.exchanges[0]?.pattern).toBe('InOut')
  })

  it('in the order of the requests, also when later ones are done first', async () => {
    const ends = new Map<string, () => void>()
    const { route, port } = await server('&maxInFlight=4', {
      route: exchange => new Promise<void>(resolve => void ends.set(String(exchange.body), resolve)),
    })
    const peer = await dial(port)
    peer.write('1\n2\n3\n4\n5\n')
    await eventually(() => ends.size === 4)
    for (const id of ['4', '2', '3']) ends.get(id)?.()
    await settle(10)
    // Their replies are held back, and count as under way.
    expect(peer.text).toBe('')
    expect(route.exchanges).toHaveLength(4)
    ends.get('1')?.()
    await peer.gets('1\n2\n3\n4\n')
    await eventually(() => ends.size === 5)
    ends.get('5')?.()
    await peer.gets('1\n2\n3\n4\n5\n')
  })

  it('to many connections, each with its own', async () => {
    const { port } = await server('&maxInFlight=3', {
      route: exchange => settle(1 + Number(String(exchange.body).slice(-1))),
    })
    const peers = await Promise.all(Array.from({ length: 20 }, () => dial(port)))
    for (const [at, peer] of peers.entries()) {
      peer.write(Array.from({ length: 10 }, (_, turn) => `${at}-${(turn * 7) % 10}\n`).join(''))
    }
    await Promise.all(
      peers.map((peer, at) =>
        peer.gets(Array.from({ length: 10 }, (_, turn) => `${at}-${(turn * 7) % 10}\n`).join('')),
      ),
    )
  })

  it('to a client that has said all and only listens still', async () => {
    const { port } = await server('', { route: () => settle(20) })
    const peer = await dial(port)
    peer.socket.end('1\n2\n')
    await peer.gets('1\n2\n')
    await peer.isClosed()
  })

  it('no faster than the client takes it: what it does not read is not kept in memory', async () => {
    const { route, port } = await server('&shutdownTimeout=0', {
      route: replyWith('x'.repeat(1_000_000)),
    })
    const peer = await dial(port)
    peer.socket.pause()
    peer.write('a request\n'.repeat(1_000))
    let before = -1
    await eventually(
      async () => {
        const [last, now] = [before, route.exchanges.length]
        before = now
        return last === now
      },
      { every: 100 },
    )
    expect(route.exchanges.length).toBeLessThan(40)
    peer.socket.resume()
    await eventually(() => route.exchanges.length > 60)
  })

  it('frameTimeout: does not wait for ever for a client that takes no replies', async () => {
    const { route, port } = await server('&frameTimeout=100', {
      route: replyWith('x'.repeat(16_000_000)),
    })
    const peer = await dial(port)
    peer.socket.pause()
    peer.write('a request\n')
    await eventually(() => route.logs.some(line => line.message.includes('no reply was taken within frameTimeout=100')))
  })
})

describe('a request without a reply', () => {
  const SECRET = 'the database said no'

  it.each([
    ['an empty body', 'its body is empty', replyWith(null)],
    [
      'a failure',
      `it failed: ${SECRET}`,
      () => {
        throw new Error(SECRET)
      },
    ],
  ] as const)('%s: the connection is closed, the log says why, and the client is told nothing', async (_, why, run) => {
    const { route, port } = await server('', { route: run })
    const peer = await dial(port)
    peer.write('1\n2\n')
    await peer.isClosed()
    expect(peer.text).toBe('')
    expect(route.bodies).toHaveLength(1)
    const said = route.logs.filter(line => line.level === 'warn')
    expect(said).toHaveLength(1)
    expect(said[0]?.message).toMatch(/^exchange \S+ leaves no reply for 127\.0\.0\.1:\d+: /)
    expect(said[0]?.message.endsWith(why)).toBe(true)
  })

  it('disconnectOnNoReply=false: the connection stays', async () => {
    const { port } = await server('&disconnectOnNoReply=false', {
      route: exchange => {
        if (exchange.body === '1') exchange.message.body = null
      },
    })
    const peer = await dial(port)
    peer.write('1\n2\n')
    await peer.gets('2\n')
    expect(peer.ended).toBe(false)
  })

  it('noReplyLogLevel: how loudly that is said', async () => {
    for (const [query, levels] of [
      ['&noReplyLogLevel=ERROR', ['error']],
      ['&noReplyLogLevel=off', []],
    ] as const) {
      const { route, port } = await server(query, { route: replyWith(null) })
      const peer = await dial(port)
      peer.write('1\n')
      await peer.isClosed()
      expect(route.logs.filter(line => line.message.includes('no reply')).map(line => line.level)).toEqual(levels)
    }
  })

  it('is no trouble when whoever called the work off has said so already', async () => {
    const { route, port } = await server('', {
      route: exchange => exchange.fail(new DromedaryError('DROMEDARY_NOT_LEADER', 'over')),
    })
    const peer = await dial(port)
    peer.write('1\n')
    await peer.isClosed()
    expect(route.logs.filter(line => line.message.includes('no reply')).map(line => line.level)).toEqual(['debug'])
  })
})

describe('a connection ends', () => {
  it('disconnect: after each message', async () => {
    const one = await server('&disconnect=true')
    const peer = await dial(one.port)
    peer.write('1\n2\n')
    await peer.isClosed()
    expect(peer.text).toBe('1\n')
    for (const route of [() => {}, () => settle()]) {
      const other = await server('&disconnect=true&sync=false', { route })
      const sender = await dial(other.port)
      sender.write('1\n2\n')
      await sender.isClosed()
      expect(other.route.bodies).toEqual(['1'])
    }
  })

  it('CamelNettyCloseChannelWhenComplete: when the route says so', async () => {
    const { port } = await server('', {
      route: exchange => void exchange.message.setHeader('CamelNettyCloseChannelWhenComplete', exchange.body === '2'),
    })
    const peer = await dial(port)
    peer.write('1\n2\n3\n')
    await peer.isClosed()
    expect(peer.text).toBe('1\n2\n')
  })
})

it('a reply is written as the options for lines say', async () => {
  for (const [query, body, written] of [
    ['', 'a', 'a\n'],
    ['', 'a\n', 'a\n'],
    ['', Buffer.from('a'), 'a\n'],
    ['', Buffer.from('a\n'), 'a\n'],
    ['', 42, '42\n'],
    ['&autoAppendDelimiter=false', 'a', 'a'],
    ['&delimiter=NULL', 'a\n', 'a\n\0'],
    ['&delimiter=%7C%7C', 'a', 'a||'],
    ['&encoding=ISO-8859-1', 'ü', '\u00fc\n'],
    ['', 'ü', '\u00c3\u00bc\n'],
  ] as const) {
    const { port } = await server(query, { route: replyWith(body) })
    const peer = await dial(port)
    peer.write('x\n\0||')
    await eventually(() => peer.text.startsWith(written))
    peer.destroy()
  }
})
