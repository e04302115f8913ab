import { systemClock } from '@dromedary/core'
import type { Exchange, Producer } from '@dromedary/core/component'
import { type FakeRouteEntry, type FakeRouteOptions, fakeRoute } from '@dromedary/testing'
import { onTestFinished } from 'vitest'
import { tcp } from '../../src/index.ts'
import { type Peer, PeerServer } from './peer.ts'

/** A server that the end of the test closes. */
export async function serve(greet?: (peer: Peer) => void, port?: number): Promise<PeerServer> {
  const server = await PeerServer.start(greet, port)
  onTestFinished(() => server.close())
  return server
}

/** A server that answers each line by itself, with what `answer` makes of it. */
export const echo = (answer: (line: string) => string = line => `re ${line}`) =>
  serve(peer => {
    let rest = ''
    peer.socket.on('data', chunk => {
      const parts = (rest + chunk.toString()).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) peer.write(`${answer(line)}\n`)
    })
    peer.socket.on('end', () => peer.socket.end())
  })

/** A producer that has started. */
export interface Sender {
  readonly producer: Producer
  readonly route: FakeRouteEntry
  /** Sends a body; the exchange afterwards. */
  send(body: unknown, prepare?: (exchange: Exchange) => void): Promise<Exchange>
}

/** Starts a producer for lines on the machine's clock; the end of the test closes it. */
export async function sender(port: number, query = '', options: FakeRouteOptions = {}): Promise<Sender> {
  const route = fakeRoute({ clock: systemClock, ...options })
  const producer = route.endpoint(tcp, `tcp:127.0.0.1:${port}?textline=true${query}`).producer?.() as Producer
  onTestFinished(async () => void (await producer.close?.()))
  await producer.start?.(new AbortController().signal)
  return {
    producer,
    route,
    async send(body, prepare = () => {}) {
      const exchange = route.entry.createExchange(body)
      prepare(exchange)
      await producer.send(exchange)
      return exchange
    },
  }
}
