import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectMessage } from '../src/client/connect-message.ts'
import type { NewConnection } from '../src/index.ts'
import { tcp } from '../src/index.ts'
import { type Peer, PeerServer } from './support/peer.ts'
import { consume } from './support/route.ts'

async function serve(greet?: (peer: Peer) => void): Promise<PeerServer> {
  const server = await PeerServer.start(greet)
  onTestFinished(() => server.close())
  return server
}

const client = (port: number, query: string) =>
  `tcp:127.0.0.1:${port}?textline=true&sync=false&clientMode=true&reconnectInterval=10${query}`

describe('onConnect', () => {
  it('says what is written first on each connection, and is told where the route goes on', async () => {
    const server = await serve()
    const told: NewConnection[] = []
    const positions = [undefined, 42n, 43]
    const hello = (connection: NewConnection) => {
      told.push(connection)
      return connection.resumeFrom === undefined ? undefined : `FROM ${connection.resumeFrom}\n`
    }
    const { route } = await consume(client(server.port, '&onConnect=%23bean:hello'), {
      beans: { hello },
      resumePosition: async () => positions[told.length],
    })
    await eventually(() => told.length === 1)
    const first = await server.peer(0)
    first.write('1\n')
    await eventually(() => route.bodies.length === 1)
    expect(first.text).toBe('')
    first.destroy()
    const second = await server.peer(1)
    await second.gets('FROM 42\n')
    second.destroy()
    await (await server.peer(2)).gets('FROM 43\n')
    expect(told[1]).toEqual({
      resumeFrom: 42n,
      remoteAddress: `127.0.0.1:${server.port}`,
      localAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    })
  })

  it('may take its time, and may answer with bytes', async () => {
    const server = await serve(peer => peer.write('early\n'))
    let answered = false
    const { route } = await consume(client(server.port, '&onConnect=%23hello'), {
      route: () => expect(answered).toBe(true),
      beans: {
        hello: async () => {
          await settle(10)
          answered = true
          return Buffer.from([1, 2, 3])
        },
      },
    })
    const peer = await server.peer()
    await eventually(() => peer.received.toString('hex') === '010203')
    // What came meanwhile is not lost.
    await eventually(() => route.bodies.length === 1)
    expect(route.bodies).toEqual(['early'])
    expect(route.exchanges[0]?.failed).toBe(false)
  })

  it('that fails ends the connection: it is said once, and tried again', async () => {
    const server = await serve()
    let calls = 0
    const { route } = await consume(client(server.port, '&onConnect=%23bean:hello'), {
      beans: {
        hello: () => {
          if (++calls < 4) throw new Error('not yet')
          return 'hello\n'
        },
      },
    })
    await (await server.peer(3)).gets('hello\n')
    await eventually(() => route.states.length === 2)
    expect(route.states).toEqual(['disconnected', 'connected'])
    expect(server.peers.slice(0, 3).every(peer => peer.ended || peer.closed)).toBe(true)
  })

  it('that never answers is given up after connectTimeout', async () => {
    const clock = new FakeClock()
    const server = await serve()
    const route = fakeRoute({ clock, beans: { hello: () => new Promise(() => {}) } })
    const consumer = route.consumer(tcp, client(server.port, '&onConnect=%23bean:hello&connectTimeout=2s'))
    onTestFinished(() => consumer.close(true))
    const starting = (async () => consumer.start(new AbortController().signal))()
    const peer = await server.peer()
    await settle(10)
    expect(route.states).toEqual([])
    await clock.advance(2_000)
    await starting
    expect(route.states).toEqual(['disconnected'])
    await peer.isClosed()
    await consumer.quiesce()
  })
})

describe('the position', () => {
  it('is asked for before each connection, once nothing of the one before is under way', async () => {
    const server = await serve(peer => peer.write('1\n2\n3\n'))
    const clock = new FakeClock()
    const ends: (() => void)[] = []
    let underWay = 0
    const asked: number[] = []
    const { route } = await consume(client(server.port, '&maxInFlight=2&onConnect=%23bean:hello'), {
      clock,
      beans: { hello: () => undefined },
      route: async () => {
        underWay++
        await new Promise<void>(resolve => void ends.push(resolve))
        underWay--
      },
      resumePosition: async () => void asked.push(underWay),
    })
    await eventually(() => ends.length === 2)
    ;(await server.peer()).destroy()
    // Two are under way, and the third was read; when it has entered, the end of the connection is seen.
    ends[0]?.()
    await eventually(() => ends.length === 3 && route.states.includes('disconnected'))
    await clock.advance(20_000)
    expect(asked).toEqual([0])
    ends[1]?.()
    await clock.advance(20_000)
    expect(asked).toEqual([0])
    ends[2]?.()
    await clock.advance(15)
    await eventually(() => asked.length === 2)
    expect(asked).toEqual([0, 0])
  })

  it('is not asked for by a client that does not name it: what was read enters before a stop goes on', async () => {
    const server = await serve(peer => peer.write('1\n2\n3\n'))
    for (const [turn, query] of ['', '&connectMessage=LOGIN me'].entries()) {
      let asked = 0
      const { route, consumer } = await consume(client(server.port, query), {
        route: () => settle(3),
        resumePosition: async () => void asked++,
      })
      const peer = await server.peer(turn)
      await eventually(() => route.bodies.length > 0, { every: 0 })
      expect(peer.text).toBe(query === '' ? '' : 'LOGIN me\n')
      await consumer.quiesce()
      expect(route.bodies).toEqual(['1', '2', '3'])
      expect(asked).toBe(0)
    }
  })

  it('that cannot be read keeps the client away from the server: it is said once, and asked for again', async () => {
    const server = await serve()
    let asked = 0
    const { route } = await consume(client(server.port, '&connectMessage=HELLO[ {position}]'), {
      resumePosition: async () => {
        if (++asked < 4) throw new Error('the store is away')
        return undefined
      },
    })
    expect(route.states).toEqual(['disconnected'])
    await (await server.peer()).gets('HELLO\n')
    expect(asked).toBe(4)
    await eventually(() => route.states.length === 2)
    expect(server.peers).toHaveLength(1)
  })

  it('makes what was read and not taken superfluous: a stop drops it, and closes within milliseconds', async () => {
    const server = await serve(peer => peer.write('1\n2\n3\n'))
    const { promise, resolve } = Promise.withResolvers<void>()
    const { route, consumer } = await consume(client(server.port, '&connectMessage=HELLO[ {position}]'), {
      route: () => promise,
    })
    await eventually(() => route.inFlight === 1)
    const before = performance.now()
    await consumer.quiesce()
    expect(performance.now() - before).toBeLessThan(100)
    await (await server.peer()).isClosed()
    resolve()
    await settle(10)
    expect(route.bodies).toEqual(['1'])
    await consumer.close(false)
  })

  it('is asked for anew after a pause, and at once', async () => {
    const server = await serve()
    let asked = 0
    const { consumer } = await consume(client(server.port, '&connectMessage=FROM {position}'), {
      // It stands still: nothing is waited for.
      clock: new FakeClock(),
      resumePosition: async () => ++asked,
    })
    await (await server.peer()).gets('FROM 1\n')
    await consumer.quiesce()
    await consumer.resume?.()
    await (await server.peer(1)).gets('FROM 2\n')
  })
})

describe('connectMessage', () => {
  const write = (template: string, position: unknown) => connectMessage(template, position, '\n')

  it('has the position in it, and leaves out what would name one that is not known', () => {
    expect(write('SUBSCRIBE[ FROM {position}]', 42n)).toBe('SUBSCRIBE FROM 42')
    expect(write('SUBSCRIBE[ FROM {position}]', undefined)).toBe('SUBSCRIBE')
    expect(write('FROM {position}', 'a$1')).toBe('FROM a$1')
    expect(write('FROM {position}', undefined)).toBeUndefined()
    expect(write('[FROM {position}]', undefined)).toBeUndefined()
    expect(write('HELLO', undefined)).toBe('HELLO')
    expect(write('HELLO', 1)).toBe('HELLO')
    expect(write('FROM {position}', { offset: 1 })).toBe('FROM {"offset":1}')
    // Brackets around anything else are text.
    expect(write('{"channels":["a"][,"from":{position}]}', 5)).toBe('{"channels":["a"],"from":5}')
    expect(write('{"channels":["a"][,"from":{position}]}', undefined)).toBe('{"channels":["a"]}')
  })

  it('lets no position end the line', () => {
    expect(() => write('FROM {position}', '1\nDELETE')).toThrow(/line break/)
    expect(() => connectMessage('FROM {position}', '1||x', '||')).toThrow(/line break/)
  })

  it('is a frame of the endpoint', async () => {
    const server = await serve()
    const position = async () => 7
    await consume(client(server.port, '&connectMessage=FROM {position}&delimiter=NULL'), { resumePosition: position })
    await (await server.peer(0)).gets('FROM 7\0')
    const binary = `tcp:127.0.0.1:${server.port}?lengthFieldLength=2&sync=false&clientMode=true&connectMessage=FROM {position}`
    await consume(binary, { resumePosition: position })
    await (await server.peer(1)).gets('\0\x06FROM 7')
  })
})
