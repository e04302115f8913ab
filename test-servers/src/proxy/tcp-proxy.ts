import { freePort } from '../ports.ts'
import { Wire } from './wire.ts'

/** Where a proxy stands. */
export interface TcpProxyOptions {
  /** The server's port on 127.0.0.1. */
  readonly to: number
  /** Its own. Default: any that is free. */
  readonly port?: number
}

/**
 * Stands between clients and a server of any protocol. What is wrong can be changed at any time. Connections are in one of
 * six states: `pass`, `refuse`, `reset`, `blackHole`, `holdRequests`, `holdAnswers`; `delay` and `throttle` come on top, and
 * `pass` clears them too.
 */
export class TcpProxy implements AsyncDisposable {
  readonly port: number
  readonly #wire: Wire

  /** For {@link startTcpProxy}. */
  constructor(port: number, wire: Wire) {
    this.port = port
    this.#wire = wire
  }

  /** `host:port`, for clients. */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Nothing is wrong any more. What was held arrives now, as it does after a partition. */
  async pass(): Promise<void> {
    this.#wire.pace({ delay: 0, rate: Number.POSITIVE_INFINITY })
    await this.#wire.set('pass')
  }

  /** Nobody listens: ECONNREFUSED. Connections that are there are closed. `pass` listens on the same port again. */
  refuse(): Promise<void> {
    return this.#wire.set('refuse')
  }

  /** Connections are reset, those that are there and new ones once they are accepted. */
  reset(): Promise<void> {
    return this.#wire.set('reset')
  }

  /** Connections stay open and new ones are accepted, and not one byte gets through, either way. */
  blackHole(): Promise<void> {
    return this.#wire.set('blackHole')
  }

  /** As a black hole, but for what the server says: answers to requests that are there already arrive. */
  holdRequests(): Promise<void> {
    return this.#wire.set('holdRequests')
  }

  /** As a black hole, but for what clients say: the server does what it is asked for, and nobody learns of it. */
  holdAnswers(): Promise<void> {
    return this.#wire.set('holdAnswers')
  }

  /** Each byte comes so many milliseconds late, either way. */
  delay(ms: number): void {
    this.#wire.pace({ delay: ms })
  }

  /** So many bytes a second get through, on each connection and in each direction. */
  throttle(bytesPerSecond: number): void {
    this.#wire.pace({ rate: bytesPerSecond })
  }

  /** Connections of clients that are open now. */
  get connections(): number {
    return this.#wire.connections
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire.set('refuse')
  }
}

/** Starts a proxy that passes everything. Rejects with EADDRINUSE if its port is taken. */
export async function startTcpProxy({ to, port }: TcpProxyOptions): Promise<TcpProxy> {
  const own = port ?? (await freePort())
  const wire = new Wire(own, to)
  await wire.set('pass')
  return new TcpProxy(own, wire)
}
