import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { type ConnectedTo, type OnConnect, ws } from '../src/index.ts'
import { startConsumer } from './support/route.ts'
import { TestServer } from './support/test-server.ts'

const client = (port: number, query = '') =>
  `ws:127.0.0.1:${port}/feed?consumeAsClient=true&reconnectInitialDelay=5${query}`

/** A feed of numbers that goes on after the one that the first message names. */
function feed(upTo: () => number) {
  return TestServer.listen({
    onConnection: ({ socket }) => {
      socket.once('message', data => {
        for (let at = Number(data) + 1; at <= upTo(); at++) socket.send(String(at))
      })
    },
  })
}

describe('the position of a client', () => {
  it('is asked for before each connection, and reaches the server by the first message', async () => {
    let upTo = 3
    const server = await feed(() => upTo)
    let reached = 0
    const asked: number[] = []
    const { route } = await startConsumer(client(server.port, '&onConnect=#bean:from'), {
      beans: { from: ({ resumeFrom }: ConnectedTo) => String(resumeFrom ?? 0) },
      resumePosition: async () => {
        asked.push(reached)
        return reached === 0 ? undefined : reached
      },
      route: exchange => {
        reached = Number(exchange.body)
      },
    })
    await eventually(() => expect(reached).toBe(3))
    upTo = 6
    server.connections[0]?.socket.terminate()
    await eventually(() => expect(reached).toBe(6))
    expect(route.bodies).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(asked).toEqual([0, 3])
    expect(server.accepted.map(({ received }) => received)).toEqual([['0'], ['3']])
  })

  it.each([
    ['a text', 'a/b c', '?since=a%2Fb+c'],
    ['a number', 42, '?since=42'],
    ['a bigint', 2n ** 60n, `?since=${2n ** 60n}`],
    ['an object', { seq: 7 }, `?${new URLSearchParams({ since: '{"seq":7}' })}`],
    ['nothing', undefined, ''],
  ])('reaches the server by resumeParameter: %s', async (_, position, query) => {
    const server = await TestServer.listen()
    await startConsumer(client(server.port, '&resumeParameter=since'), { resumePosition: async () => position })
    expect(server.accepted[0]?.request.url).toBe(`/feed${query}`)
  })

  it('is not asked for where nobody would use it', async () => {
    const server = await TestServer.listen()
    let asked = 0
    await startConsumer(client(server.port), {
      resumePosition: async () => {
        asked++
      },
    })
    expect(server.accepted).toHaveLength(1)
    expect(asked).toBe(0)
  })

  it('is asked for only when all exchanges of the connection before have ended', async () => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        if (server.accepted.length === 1) for (const text of ['1', '2', '3']) socket.send(text)
      },
    })
    let finish = () => {}
    let asked = 0
    const { route } = await startConsumer(client(server.port, '&resumeParameter=since&maxInFlight=2'), {
      resumePosition: async () => {
        asked++
      },
      route: () =>
        new Promise<void>(resolve => {
          finish = resolve
        }),
    })
    await eventually(() => expect(route.inFlight).toBe(2))
    const [first] = server.accepted
    first?.socket.terminate()
    await eventually(() => expect(first?.code).toBe(1006))
    await settle(20)
    expect(asked).toBe(1)
    // The paused socket is read again when there is room, and only then its end is seen.
    while (asked === 1) {
      finish()
      await settle()
      if (route.exchanges.length === 3 && route.inFlight === 1) break
    }
    expect(asked).toBe(1)
    expect(server.accepted).toHaveLength(1)
  })

  it('that cannot be read is told once, and no connection is made until it can', async () => {
    const server = await TestServer.listen()
    let tries = 0
    const { route } = await startConsumer(client(server.port, '&resumeParameter=since&reconnectInterval=2'), {
      resumePosition: async () => {
        if (++tries < 5) throw new Error('the topic is not there')
        return 'here'
      },
    })
    expect(route.states).toEqual(['disconnected'])
    expect(server.accepted).toEqual([])
    await eventually(() => expect(server.accepted).toHaveLength(1))
    expect(tries).toBe(5)
    expect(route.errors).toHaveLength(1)
    expect(route.errors[0]?.doing).toContain('reading the position')
    expect(route.states).toEqual(['disconnected', 'connected'])
  })

  it('that nobody answers does not keep a stop waiting', async () => {
    const server = await TestServer.listen()
    const route = fakeRoute({ resumePosition: () => new Promise(() => {}) })
    const consumer = route.consumer(ws, client(server.port, '&resumeParameter=since'))
    const abort = new AbortController()
    const starting = consumer.start(abort.signal)
    await settle()
    abort.abort(new Error('stop'))
    await expect(starting).rejects.toThrow('stop')
    await consumer.close(false)
    expect(server.accepted).toEqual([])
  })
})

describe('what was read and not handed in at a stop', () => {
  const started = async (query: string) => {
    const server = await TestServer.listen({
      onConnection: ({ socket }) => {
        for (let at = 0; at < 10; at++) socket.send(String(at))
      },
    })
    let finish = () => {}
    const one = await startConsumer(client(server.port, query), {
      route: () =>
        new Promise<void>(resolve => {
          finish = resolve
        }),
    })
    await eventually(() => expect(one.route.inFlight).toBe(1))
    return { ...one, finish: () => finish() }
  }

  it('is dropped by a client that resumes: the server sends it again', async () => {
    const { route, consumer, finish } = await started('&resumeParameter=since')
    await consumer.quiesce()
    finish()
    await settle(10)
    expect(route.bodies).toEqual(['0'])
  })

  it('is handed in by one that does not', async () => {
    const { route, consumer, finish } = await started('')
    const quiescing = consumer.quiesce()
    const pump = setInterval(finish, 1)
    await quiescing
    expect(route.exchanges).toHaveLength(10)
    await eventually(() => expect(route.inFlight).toBe(0))
    clearInterval(pump)
  })
})

describe('the first message of a client', () => {
  const start = (port: number, onConnect: OnConnect, query = '', clock?: FakeClock) =>
    startConsumer(client(port, query), { ...(clock && { clock }) }, ws({ onConnect }))

  it('may be a text, bytes or nothing, now or later, from a function that is a default', async () => {
    const server = await TestServer.listen()
    for (const first of ['text', Buffer.from([1, 2]), undefined, Promise.resolve('later')]) {
      await start(server.port, () => first)
    }
    server.broadcast('x')
    await eventually(() =>
      expect(server.accepted.map(({ received }) => received)).toEqual([['text'], [Buffer.from([1, 2])], [], ['later']]),
    )
  })

  it('is told the route, the sub-protocol and the position', async () => {
    const server = await TestServer.listen()
    const told: ConnectedTo[] = []
    await start(server.port, at => void told.push(at) as undefined, '&clientSubProtocols=v1')
    expect(told).toEqual([
      { resumeFrom: undefined, subProtocol: 'v1', routeId: 'test', signal: expect.any(AbortSignal) },
    ])
  })

  it('goes out before anything of the server comes in', async () => {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.send('early') })
    const answer = Promise.withResolvers<string>()
    const starting = start(server.port, () => answer.promise)
    await eventually(() => expect(server.accepted).toHaveLength(1))
    await settle(20)
    answer.resolve('first')
    const { route } = await starting
    await eventually(() => expect(route.bodies).toEqual(['early']))
    await eventually(() => expect(server.accepted[0]?.received).toEqual(['first']))
  })

  it('that fails ends the connection, and is tried again', async () => {
    const server = await TestServer.listen({ onConnection: ({ socket }) => socket.send('early') })
    let tries = 0
    const { route } = await start(server.port, () => {
      if (++tries < 3) throw new Error('no token yet')
      return 'token'
    })
    expect(route.states).toEqual(['disconnected'])
    await eventually(() => expect(route.states).toEqual(['disconnected', 'connected']))
    await eventually(() => expect(server.accepted.map(({ received }) => received)).toEqual([[], [], ['token']]))
    await eventually(() => expect(route.bodies).toEqual(['early']))
  })

  it('that does not come within handshakeTimeout ends the connection', async () => {
    const clock = new FakeClock()
    const server = await TestServer.listen()
    let told: AbortSignal | undefined
    const starting = start(
      server.port,
      ({ signal }) => {
        told = signal
        return new Promise(() => {})
      },
      '&handshakeTimeout=2s&pingInterval=0',
      clock,
    )
    await eventually(() => expect(told).toBeDefined())
    await clock.advance(2_000)
    const { route } = await starting
    expect(told?.aborted).toBe(true)
    expect(route.states).toEqual(['disconnected'])
    expect(route.logs.at(-1)?.message).toContain('onConnect gave no message within 2000 ms')
    await eventually(() => expect(server.connections).toEqual([]))
  })

  it('can only be given by a function or a bean', async () => {
    const message = /onConnect must be a function, .* or name a bean/
    expect(() => ws({ onConnect: 5 as never })).toThrow(message)
    await expect(startConsumer(client(1, '&onConnect=nothing'))).rejects.toThrow(message)
    await expect(startConsumer(client(1, '&onConnect=#bean:missing'))).rejects.toThrow(
      expect.objectContaining({ code: 'DROMEDARY_UNKNOWN_BEAN' }),
    )
  })
})
