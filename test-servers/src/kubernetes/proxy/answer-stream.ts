import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { HttpFaults } from './http-faults.ts'

/** One answer on its way to the client, piece by piece, each as late as the faults of its arrival want it. */
export class AnswerStream {
  /** Resolves when the client has it all, or has gone. */
  readonly done: Promise<void>
  readonly #answer: IncomingMessage
  readonly #response: ServerResponse
  readonly #faults: HttpFaults
  readonly #watch: boolean
  /** What was delivered last; pieces never overtake each other. */
  #last: Promise<void> = Promise.resolve()

  constructor(answer: IncomingMessage, response: ServerResponse, faults: HttpFaults, watch: boolean) {
    this.#answer = answer
    this.#response = response
    this.#faults = faults
    this.#watch = watch
    this.done = response.destroyed ? Promise.resolve() : new Promise(resolve => response.once('close', resolve))
    // The server must notice when a watch has no reader any more.
    void this.done.then(() => answer.destroy())
  }

  /** Sends the head, and from then on whatever the server sends. */
  async start(headers: OutgoingHttpHeaders): Promise<void> {
    const { statusCode = 502 } = this.#answer
    // Of a silent watch the client still learns that it was accepted.
    this.#deliver(false, () => {
      this.#response.writeHead(statusCode, headers)
      this.#response.flushHeaders()
    })
    this.#answer.on('data', chunk => this.#deliver(this.#watch, () => this.#response.write(chunk)))
    this.#answer.once('end', () => this.#deliver(this.#watch, () => this.#response.end()))
    this.#answer.once('error', () => this.#deliver(this.#watch, () => this.#response.destroy()))
    await this.done
  }

  /** Ends it in order, whatever the server says. */
  end(): void {
    this.#response.end()
  }

  #deliver(ifHeard: boolean, deliver: () => void): void {
    const due = performance.now() + this.#faults.delay
    this.#last = this.#last.then(async () => {
      const left = due - performance.now()
      if (left > 0) await wait(left)
      if (ifHeard) await this.#faults.heard()
      if (!this.#response.writableEnded && !this.#response.destroyed) deliver()
    })
  }
}
