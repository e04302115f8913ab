import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Lane, type Pace } from './lane.ts'

/**
 * What happens to bytes: they pass, they stand still (all of them, or those of one direction), or connections are reset, or
 * nobody listens.
 */
export type WireMode = 'pass' | 'blackHole' | 'holdRequests' | 'holdAnswers' | 'reset' | 'refuse'

const REQUESTS_PASS: readonly WireMode[] = ['pass', 'holdAnswers']
const ANSWERS_PASS: readonly WireMode[] = ['pass', 'holdRequests']

/** A client's connection and ours. */
interface Pair {
  readonly client: Socket
  readonly inner: Socket
  readonly requests: Lane
  readonly answers: Lane
}

/** Connections from one port to another, of whose content it knows nothing. */
export class Wire {
  readonly #port: number
  readonly #innerPort: number
  readonly #pairs = new Set<Pair>()
  readonly #pace: Pace = { delay: 0, rate: Number.POSITIVE_INFINITY }
  #mode: WireMode = 'refuse'
  #server: Server | undefined

  /** Connections to `port` go on to `innerPort`, once the mode is no longer `refuse`. */
  constructor(port: number, innerPort: number) {
    this.#port = port
    this.#innerPort = innerPort
  }

  /** Resolves when it holds, for connections that are there and for those to come. Rejects if the port is taken. */
  async set(mode: WireMode): Promise<void> {
    this.#mode = mode
    if (mode === 'refuse') this.#server?.close()
    if (mode === 'refuse') this.#server = undefined
    for (const pair of this.#pairs) this.#apply(pair)
    if (mode === 'refuse' || this.#server) return
    const server = createServer({ allowHalfOpen: true, noDelay: true }, client => this.#accept(client))
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
  }

  /** Also for what is on its way. */
  pace(change: Partial<Pace>): void {
    Object.assign(this.#pace, change)
    for (const { requests, answers } of this.#pairs) {
      requests.update()
      answers.update()
    }
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#pairs.size
  }

  #accept(client: Socket): void {
    client.on('error', () => {})
    if (this.#mode === 'reset') {
      client.resetAndDestroy()
      return
    }
    const inner = connect({ host: '127.0.0.1', port: this.#innerPort, allowHalfOpen: true, noDelay: true })
    inner.on('error', () => {})
    const requests = new Lane(client, inner, this.#pace)
    const answers = new Lane(inner, client, this.#pace)
    const pair = { client, inner, requests, answers }
    this.#pairs.add(pair)
    client.once('close', () => {
      this.#pairs.delete(pair)
      if (!requests.isOwing) inner.destroy()
    })
    inner.once('close', () => {
      if (!answers.isOwing) client.destroy()
    })
    this.#apply(pair)
  }

  #apply({ client, requests, answers }: Pair): void {
    // Without a reader nothing is taken out of the kernel's buffers, not even the end.
    requests.open = REQUESTS_PASS.includes(this.#mode)
    answers.open = ANSWERS_PASS.includes(this.#mode)
    if (this.#mode === 'reset') client.resetAndDestroy()
    if (this.#mode === 'refuse') client.destroy()
  }
}

/** Lets a server listen on any port of 127.0.0.1. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
