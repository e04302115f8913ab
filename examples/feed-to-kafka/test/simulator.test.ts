import { once } from 'node:events'
import { eventually, FakeClock } from '@dromedary/testing'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { messageOf, type Simulator, type SimulatorOptions, startSimulator } from '../src/simulator/index.ts'
import { LINE_BYTES, numberOf, TcpListener, upTo } from './support/listeners.ts'

async function feed(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options)
  onTestFinished(() => simulator.close())
  return simulator
}

function listen(port: number, request?: string): TcpListener {
  const listener = new TcpListener(port, request)
  onTestFinished(() => void listener.socket.destroy())
  return listener
}

/** A WebSocket client, and the texts that it was sent. */
function listenByWebSocket(port: number, path = '/'): { socket: WebSocket; texts: string[] } {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  const texts: string[] = []
  socket.on('message', data => texts.push(String(data)))
  return { socket, texts }
}

it('sends what comes after the message that is asked for, in order and whole', async () => {
  const { tcpPort } = await feed({ total: 1_000, seed: 7 })
  const client = listen(tcpPort, 'FROM 400')
  await eventually(() => client.lines.length === 600)
  const message = messageOf({ seed: 7, malformedEvery: 0 })
  expect(client.text).toBe(
    upTo(401, 1_000)
      .map(n => `${message(n)}\n`)
      .join(''),
  )
})

it('sends everything to a client that names no message, and the same over WebSocket', async () => {
  const { tcpPort, wsPort } = await feed({ total: 1_000 })
  const tcp = listen(tcpPort, 'FROM')
  await eventually(() => tcp.lines.length === 1_000)
  const byParameter = listenByWebSocket(wsPort, '/feed?from=0')
  await eventually(() => byParameter.texts.length === 1_000)
  expect(byParameter.texts).toEqual(tcp.lines)
  const byMessage = listenByWebSocket(wsPort)
  byMessage.socket.on('open', () => byMessage.socket.send('FROM 990'))
  await eventually(() => byMessage.texts.length === 10)
  expect(byMessage.texts).toEqual(tcp.lines.slice(990))
})

it('moves on with the time, sends a backlog at once and then what comes', async () => {
  const clock = new FakeClock()
  const simulator = await feed({ rate: 1_000, clock })
  await clock.advance(500)
  expect(simulator.stats.head).toBe(500)
  const client = listen(simulator.tcpPort, 'FROM 100')
  await eventually(() => client.lines.length === 400)
  await clock.advance(50)
  await eventually(() => client.lines.length === 450)
  expect(client.numbers).toEqual(upTo(101, 550))
})

it('sends only what is new to a client that asks for nothing within 100 ms, and when it cannot replay', async () => {
  const clock = new FakeClock()
  const live = await feed({ rate: 1_000, clock })
  const silent = listen(live.tcpPort)
  await eventually(() => live.stats.open === 1)
  await clock.advance(99)
  expect(live.stats.requests).toEqual([])
  await clock.advance(11)
  await eventually(() => silent.lines.length === 10)
  expect(silent.numbers).toEqual(upTo(101, 110))

  const forgetful = await feed({ rate: 1_000, clock, replay: false })
  await clock.advance(1_000)
  const client = listen(forgetful.tcpPort, 'FROM 3')
  await eventually(() => forgetful.stats.requests.length === 1)
  await clock.advance(10)
  await eventually(() => client.lines.length === 10)
  expect([forgetful.stats.requests, client.numbers]).toEqual([[3], upTo(1_001, 1_010)])
})

it('ends when it is told to, whether it moves with the time or with those who listen', async () => {
  const clock = new FakeClock()
  const timed = await feed({ rate: 1_000, clock })
  await clock.advance(100)
  expect(timed.end()).toBe(100)
  await clock.advance(100)
  const client = listen(timed.tcpPort, 'FROM')
  await eventually(() => client.lines.length === 100)
  expect(timed.stats).toMatchObject({ head: 100, backlog: 0 })

  const open = await feed()
  const other = listen(open.tcpPort, 'FROM')
  await eventually(() => other.lines.length > 1_000)
  const last = open.end()
  await eventually(() => other.lines.length === last)
  expect(open.stats).toMatchObject({ head: last, backlog: 0, sent: last })
}, 15_000)

it.for([
  ['end', undefined],
  ['reset', 'ECONNRESET'],
  ['cut', undefined],
] as const)('drops by %s, also after so many messages', async ([how, code]) => {
  const simulator = await feed({ total: 1_000, dropEvery: 100, dropHow: how })
  const client = listen(simulator.tcpPort, 'FROM 0')
  await client.ended
  expect(client.error?.code).toBe(code)
  // What lies in buffers when a connection is reset may be lost.
  if (how !== 'reset') expect(client.numbers).toEqual(upTo(1, 100))
  expect(client.rest).toBe(how === 'cut' ? '{"seq":101' : '')

  const other = await feed({ rate: 1 })
  const idle = listen(other.tcpPort, 'FROM 0')
  await eventually(() => other.stats.requests.length === 1)
  other.drop(how)
  await idle.ended
  expect(idle.error?.code).toBe(code)
})

it('drops WebSocket clients with a closing frame or without one', async () => {
  const simulator = await feed({ rate: 1 })
  const polite = listenByWebSocket(simulator.wsPort, '/?from=0')
  await eventually(() => simulator.stats.requests.length === 1)
  simulator.drop()
  expect((await once(polite.socket, 'close'))[0]).toBe(1001)
  const abrupt = listenByWebSocket(simulator.wsPort, '/?from=0')
  await eventually(() => simulator.stats.requests.length === 2)
  simulator.drop('reset')
  expect((await once(abrupt.socket, 'close'))[0]).toBe(1006)
})

it('sends no more than a client takes, and says what it did not take', async () => {
  const total = 200_000
  const simulator = await feed({ total })
  const client = listen(simulator.tcpPort)
  client.socket.pause()
  client.socket.write('FROM 0\n')
  const stalled = await stallOf(simulator)
  expect(stalled).toBeLessThan(total / 2)
  expect(simulator.stats.backlog).toBe(total - stalled)
  client.socket.resume()
  await eventually(() => client.text.length === total * LINE_BYTES, { within: 10_000 })
  expect(simulator.stats.backlog).toBe(0)

  const deaf = listen(simulator.tcpPort)
  deaf.socket.pause()
  deaf.socket.write('FROM 0\n')
  await eventually(() => simulator.stats.requests.length === 2)
  await stallOf(simulator)
  deaf.socket.destroy()
  await eventually(() => simulator.stats.open === 1 && simulator.stats.unsentBytes > 0)
})

/** How many messages it has sent once it sends no more. */
async function stallOf(simulator: Simulator): Promise<number> {
  let before = -1
  return eventually(
    () => {
      const { sent } = simulator.stats
      if (sent === 0 || sent !== before) {
        before = sent
        throw new Error(`${sent} messages were sent, and more are being sent`)
      }
      return sent
    },
    { every: 100 },
  )
}

it('keeps to that also when there is more from moment to moment', async () => {
  const clock = new FakeClock()
  const simulator = await feed({ rate: 1_000_000, clock })
  const client = listen(simulator.tcpPort)
  client.socket.pause()
  client.socket.write('FROM 0\n')
  await eventually(() => simulator.stats.requests.length === 1)
  await clock.advance(1_000)
  expect(await stallOf(simulator)).toBeLessThan(100_000)
  await clock.advance(1_000)
  const { sent } = simulator.stats
  await clock.advance(1_000)
  expect(simulator.stats).toMatchObject({ sent, head: 3_000_000, backlog: 3_000_000 - sent })
})

it('does not send more over WebSocket than a client takes', async () => {
  const simulator = await feed({ total: 200_000 })
  const { socket, texts } = listenByWebSocket(simulator.wsPort)
  await once(socket, 'open')
  socket.pause()
  socket.send('FROM 0')
  expect(await stallOf(simulator)).toBeLessThan(100_000)
  socket.resume()
  await eventually(() => texts.length === 200_000, { within: 10_000 })
})

it('counts clients that are there at once, and no client that comes after another one', async () => {
  const lines: string[] = []
  const simulator = await feed({ rate: 1, log: line => void lines.push(line) })
  for (const _ of [1, 2, 3]) {
    const client = listen(simulator.tcpPort, 'FROM 0')
    await eventually(() => simulator.stats.open === 1)
    client.socket.destroy()
    await eventually(() => simulator.stats.open === 0)
  }
  expect(simulator.stats).toMatchObject({ connections: 3, overlaps: 0 })
  listen(simulator.tcpPort, 'FROM 0')
  await eventually(() => simulator.stats.open === 1)
  listenByWebSocket(simulator.wsPort)
  await eventually(() => simulator.stats.overlaps === 1)
  expect(lines.filter(line => line.startsWith('TWO CLIENTS AT ONCE'))).toHaveLength(1)
})

it('says of each connection where it begins and how it ends', async () => {
  const lines: string[] = []
  const simulator = await feed({ total: 10, log: line => void lines.push(line) })
  const client = listen(simulator.tcpPort, 'FROM 4')
  await eventually(() => client.lines.length === 6)
  client.socket.destroy()
  await eventually(() => simulator.stats.open === 0)
  expect(lines).toEqual([
    expect.stringMatching(/^tcp connection 1 from .* asked for what comes after 4, is sent what comes after 4$/),
    'tcp connection 1 ended after 6 messages',
  ])
})

it('puts malformed messages in the place of others', async () => {
  const { tcpPort } = await feed({ total: 30, malformedEvery: 10 })
  const client = listen(tcpPort, 'FROM')
  await eventually(() => client.lines.length === 30)
  expect(client.lines.map(numberOf)).toEqual(upTo(1, 30))
  const message = messageOf({ seed: 1, malformedEvery: 10 })
  expect([client.lines[9], client.lines[19]]).toEqual([message(10), message(20)])
})

it('tells at once when a port is taken', async () => {
  const { tcpPort } = await feed()
  await expect(startSimulator({ wsPort: tcpPort })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
