import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { AnswerStream } from './answer-stream.ts'
import type { HttpFaults } from './http-faults.ts'
import { statusBody } from './status-body.ts'
import { type Verb, verbOf } from './verb.ts'

/** Where requests go. */
export interface Upstream {
  readonly url: string
  /** Certificates that may have signed its own, PEM. */
  readonly ca: string
}

/** They belong to one connection, and there are two. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect'])

/** The proxy's upper half: carries requests to the server and answers back, with the faults that are set. */
export class Forwarder {
  readonly #upstream: Upstream
  readonly #faults: HttpFaults
  readonly #counts = new Map<Verb, number>()
  readonly #watches = new Set<AnswerStream>()

  constructor(upstream: Upstream, faults: HttpFaults) {
    this.#upstream = upstream
    this.#faults = faults
  }

  /** How many requests of each verb have come. */
  get counts(): Readonly<Partial<Record<Verb, number>>> {
    return Object.fromEntries(this.#counts)
  }

  resetCounts(): void {
    this.#counts.clear()
  }

  /** In order, as a server that goes down does. */
  endWatches(): void {
    for (const watch of this.#watches) watch.end()
  }

  /** For `https.createServer`. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    // Also of a response that nobody reads any more.
    response.on('error', () => {})
    this.#answer(request, response).catch(() => request.socket.destroy())
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request
    const verb = verbOf(method, path)
    this.#counts.set(verb, (this.#counts.get(verb) ?? 0) + 1)
    // Read to its end before anything else: from here on the request is sent, whether the client still waits or not.
    const body = await buffer(request)
    if (this.#faults.status !== undefined) {
      this.#refuse(response, this.#faults.status)
      return
    }
    if (this.#faults.delayRequests > 0) await wait(this.#faults.delayRequests)
    const answer = await this.#forward(request, body)
    if (this.#faults.loses(method, path)) {
      answer.resume()
      request.socket.destroy()
      return
    }
    const stream = new AnswerStream(answer, response, this.#faults, verb === 'watch')
    if (verb === 'watch') {
      this.#watches.add(stream)
      void stream.done.then(() => this.#watches.delete(stream))
    }
    await stream.start(headersOf(answer))
  }

  #refuse(response: ServerResponse, code: number): void {
    const text = statusBody(code)
    response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  }

  #forward(request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { url, ca } = this.#upstream
    return new Promise((resolve, reject) => {
      const forwarded = httpsRequest(new URL(request.url ?? '/', url), {
        method: request.method ?? 'GET',
        headers: headersOf(request),
        ca,
        // A connection that the server has closed meanwhile would be an error of ours.
        agent: false,
      })
      forwarded.once('response', resolve)
      forwarded.once('error', reject)
      forwarded.end(body.length === 0 ? undefined : body)
    })
  }
}

function headersOf(message: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(message.headers).filter(([name]) => !HOP_BY_HOP.has(name)))
}
