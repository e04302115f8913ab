import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What happens to bytes: they pass, they stand still, or connections are reset, or nobody listens. */
export type WireMode = 'pass' | 'blackHole' | 'reset' | 'refuse'

/** A client's connection and ours. */
interface Pair {
  readonly client: Socket
  readonly inner: Socket
}

/** The proxy's lower half: connections, of whose content it knows nothing. */
export class Wire {
  readonly #port: number
  readonly #innerPort: number
  readonly #pairs = new Set<Pair>()
  #mode: WireMode = 'refuse'
  #server: Server | undefined

  /** Connections to `port` go on to `innerPort`, once the mode is no longer `refuse`. */
  constructor(port: number, innerPort: number) {
    this.#port = port
    this.#innerPort = innerPort
  }

  /** Resolves when it holds, for connections that are there and for those to come. */
  async set(mode: WireMode): Promise<void> {
    this.#mode = mode
    if (mode === 'refuse') this.#server?.close()
    if (mode === 'refuse') this.#server = undefined
    for (const pair of this.#pairs) this.#apply(pair)
    if (mode === 'refuse' || this.#server) return
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, client => this.#accept(client))
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
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
    const pair = { client, inner }
    this.#pairs.add(pair)
    client.once('close', () => {
      this.#pairs.delete(pair)
      inner.destroy()
    })
    inner.once('close', () => client.destroy())
    this.#apply(pair)
  }

  #apply({ client, inner }: Pair): void {
    client.unpipe(inner)
    inner.unpipe(client)
    if (this.#mode === 'reset') client.resetAndDestroy()
    if (this.#mode === 'refuse') client.destroy()
    if (this.#mode === 'blackHole') {
      // Without a reader nothing is taken out of the kernel's buffers, not even the end.
      client.pause()
      inner.pause()
    }
    if (this.#mode !== 'pass') return
    client.pipe(inner)
    inner.pipe(client)
  }
}

/** Lets a server listen on any port of 127.0.0.1. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
