import { createServer, type Server } from 'node:https'
import { freePort } from '../../ports.ts'
import { listen, Wire } from '../../proxy/wire.ts'
import { Forwarder, type Upstream } from './forwarder.ts'
import { HttpFaults, type LostAnswers } from './http-faults.ts'
import type { Verb } from './verb.ts'

/** The server, and the certificate with which the proxy stands in for it; PEM. */
export interface ProxyTarget extends Upstream {
  readonly cert: string
  readonly key: string
}

/**
 * Stands between one client and an API server. What is wrong can be changed at any time. The connection is in one of five
 * states: `pass`, `refuse`, `reset`, `blackHole`, `status`; the other faults come on top, and `pass` clears them too.
 */
export class ApiProxy implements AsyncDisposable {
  /** What clients connect to instead of the server. */
  readonly url: string
  readonly port: number
  readonly #wire: Wire
  readonly #faults: HttpFaults
  readonly #forwarder: Forwarder
  readonly #inner: Server

  /** For {@link startProxy}. */
  constructor(port: number, wire: Wire, faults: HttpFaults, forwarder: Forwarder, inner: Server) {
    this.url = `https://127.0.0.1:${port}`
    this.port = port
    this.#wire = wire
    this.#faults = faults
    this.#forwarder = forwarder
    this.#inner = inner
  }

  /** Nothing is wrong any more. What a black hole has held arrives now, as it does after a partition. */
  async pass(): Promise<void> {
    this.#faults.clear()
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

  /** Each request is answered with this and a Status object, and does not reach the server; watches end. */
  async status(code: number): Promise<void> {
    // First, or what a black hole has held would reach the server.
    this.#faults.status = code
    await this.#wire.set('pass')
    this.#forwarder.endWatches()
  }

  /** Each answer, and each event of a watch, comes so many milliseconds late. Requests are sent at once. */
  delay(ms: number): void {
    this.#faults.delay = ms
  }

  /** Each request is sent so many milliseconds late, also if its client has given up meanwhile. */
  delayRequests(ms: number): void {
    this.#faults.delayRequests = ms
  }

  /** Requests are carried out, but instead of the answer the client's connection ends. Replaces what was set before. */
  loseAnswers(answers: LostAnswers): void {
    this.#faults.lose(answers)
  }

  /** Watches stay open and nothing comes of them any more; with `false` what was held comes. All else works. */
  silenceWatches(silent: boolean): void {
    this.#faults.silence(silent)
  }

  /** Requests that have come, by verb; only those that were read, so none while it refuses, resets or is a black hole. */
  get counts(): Readonly<Partial<Record<Verb, number>>> {
    return this.#forwarder.counts
  }

  /** Answers that were lost by {@link loseAnswers}. */
  get lost(): number {
    return this.#faults.lost
  }

  /** Connections of clients that are open now. */
  get connections(): number {
    return this.#wire.connections
  }

  resetCounts(): void {
    this.#forwarder.resetCounts()
    this.#faults.lost = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire.set('refuse')
    this.#inner.closeAllConnections()
    await new Promise(resolve => this.#inner.close(resolve))
  }
}

/** Starts a proxy that passes everything, on a port of 127.0.0.1 that it keeps. */
export async function startProxy({ cert, key, ...upstream }: ProxyTarget): Promise<ApiProxy> {
  const faults = new HttpFaults()
  const forwarder = new Forwarder(upstream, faults)
  // No limit of ours may end what a fault holds up.
  const inner = createServer({ cert, key, requestTimeout: 0, handshakeTimeout: 2 ** 31 - 1 }, forwarder.handle)
  const innerPort = await listen(inner)
  const port = await freePort()
  const wire = new Wire(port, innerPort)
  await wire.set('pass')
  return new ApiProxy(port, wire, faults, forwarder, inner)
}
