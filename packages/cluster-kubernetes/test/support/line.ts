import type { SkewedClock } from '@dromedary/testing'
import type { ApiFailure } from '../../src/api.ts'
import { unanswered } from './failures.ts'
import type { Asked, Caller, Server } from './server.ts'

export interface LineEnd extends Caller {
  /** Of the member: answers reach it by this one, so that a frozen member receives none. */
  readonly clock: SkewedClock
  readonly connectionTimeoutMs: number
}

/** A member's way to the server and back, for requests. */
export class Line {
  readonly #server: Server
  readonly #end: LineEnd
  readonly #givenUp = new Set<(failure: ApiFailure) => void>()
  #closed = false

  constructor(server: Server, end: LineEnd) {
    this.#server = server
    this.#end = end
  }

  get closed(): boolean {
    return this.#closed
  }

  /** What `apply` returns or throws when the request has arrived; `writes`: its answer can get lost on purpose. */
  request<T>(asked: Asked, apply: () => T, writes = false): Promise<T> {
    const { clock, faults, connectionTimeoutMs } = this.#end
    const { latencyMs } = this.#server.options
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(unanswered('ECONNABORTED'))
      const timeOut = clock.setTimeout(() => fail(unanswered('ETIMEDOUT')), connectionTimeoutMs)
      const fail = (failure: unknown) => {
        timeOut.cancel()
        this.#givenUp.delete(fail)
        reject(failure)
      }
      const succeed = (result: T) => {
        timeOut.cancel()
        this.#givenUp.delete(fail)
        resolve(result)
      }
      this.#givenUp.add(fail)
      const answer = (give: () => void) => {
        clock.setTimeout(
          () => {
            if (faults.cutOff) return
            if (faults.refuse) fail(unanswered('ECONNRESET'))
            else give()
          },
          latencyMs / 2 + faults.answerDelayMs,
        )
      }
      const arrive = () => {
        if (faults.cutOff) return
        if (faults.refuse) return answer(() => {})
        try {
          this.#server.admit(this.#end, asked)
          const result = apply()
          if (writes && faults.losesAnswer()) answer(() => fail(unanswered('ECONNRESET')))
          else answer(() => succeed(result))
        } catch (failure) {
          answer(() => fail(failure))
        }
      }
      this.leave(arrive, () => fail(unanswered('ECONNREFUSED')))
    })
  }

  /** Something leaves the member and arrives; `refused` where there is nobody to connect to. */
  leave(arrive: () => void, refused: () => void): void {
    const { clock, faults } = this.#end
    // A frozen process sends nothing.
    if (clock.frozen) return void clock.setTimeout(() => this.leave(arrive, refused), 0)
    if (faults.cutOff) return
    if (faults.refuse) return void clock.setTimeout(refused, 0)
    this.#server.options.clock.setTimeout(arrive, this.#server.options.latencyMs / 2 + faults.delayMs)
  }

  /** Every request under way is given up: ECONNABORTED, as is each later one. */
  close(): void {
    this.#closed = true
    for (const fail of [...this.#givenUp]) fail(unanswered('ECONNABORTED'))
  }
}
