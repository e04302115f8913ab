import type { Clock } from '@dromedary/core'
import { ApiFailure } from '../api.ts'
import type { Access } from './access.ts'
import { type Answer, listen, type Method, talk } from './wire.ts'

export interface RequestsOptions {
  readonly access: Access
  readonly clock: Clock
  /** Of a whole request, milliseconds. */
  readonly timeoutMs: number
}

/** A stream that the server keeps open. */
export interface Stream {
  close(): void
}

export interface StreamListener {
  opened(): void
  line(line: string): void
  closed(failure: ApiFailure | undefined): void
}

/** Requests to the API server: bounded in time and size, with connections that are kept, and failures as {@link ApiFailure}. */
export class Requests {
  readonly #options: RequestsOptions
  readonly #closing = new AbortController()

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  /** Resolves for the statuses that are answers, rejects for every other. */
  async send(method: Method, path: string, body?: unknown, answers: readonly number[] = []): Promise<Answer> {
    const until = this.#options.clock.monotonic() + this.#options.timeoutMs
    const first = await this.#exchange(method, path, body, this.#options.timeoutMs)
    // A token that rotates: read again, and asked again, once.
    const answer = first.status === 401 ? await this.#again(method, path, body, until) : first
    if (answer.status < 300 || answers.includes(answer.status)) return answer
    throw failureOf(answer)
  }

  async #again(method: Method, path: string, body: unknown, until: number): Promise<Answer> {
    this.#options.access.renew()
    return this.#exchange(method, path, body, Math.max(1, until - this.#options.clock.monotonic()))
  }

  #exchange(method: Method, path: string, body: unknown, leftMs: number): Promise<Answer> {
    const { access, clock, timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const abort = new AbortController()
      const end = (failure: ApiFailure) => {
        done()
        reject(failure)
        abort.abort()
      }
      const closed = () => end(new ApiFailure('the cluster service was stopped', { reason: 'ECANCELED' }))
      const timer = clock.setTimeout(() => {
        access.dropIdle()
        end(new ApiFailure(`no answer within ${timeoutMs} ms`, { reason: 'ETIMEDOUT' }))
      }, leftMs)
      this.#closing.signal.addEventListener('abort', closed, { once: true })
      const done = () => {
        timer.cancel()
        this.#closing.signal.removeEventListener('abort', closed)
      }
      if (this.#closing.signal.aborted) closed()
      access
        .door(path, 'request')
        .then(door => talk(door, method, body, abort.signal))
        .finally(done)
        .then(resolve, error => reject(networkFailure(error)))
    })
  }

  /** Opens a stream of lines. The listener hears nothing after {@link Stream.close}. */
  stream(path: string, listener: StreamListener): Stream {
    if (this.#closing.signal.aborted) return { close() {} }
    const { access, clock, timeoutMs } = this.#options
    const abort = new AbortController()
    let over = false
    const end = (failure: ApiFailure | undefined) => {
      if (over) return
      over = true
      timer.cancel()
      abort.abort()
      this.#closing.signal.removeEventListener('abort', close)
      listener.closed(failure)
    }
    const timer = clock.setTimeout(
      () => end(new ApiFailure(`no answer within ${timeoutMs} ms`, { reason: 'ETIMEDOUT' })),
      timeoutMs,
    )
    const opened = () => {
      timer.cancel()
      if (!over) listener.opened()
    }
    const line = (text: string) => {
      if (!over) listener.line(text)
    }
    access
      .door(path, 'watch')
      .then(door => listen(door, abort.signal, { opened, line }))
      .then(answer => {
        if (answer?.status === 401) access.renew()
        end(answer && failureOf(answer))
      })
      .catch(error => end(networkFailure(error)))
    const close = () => {
      over = true
      timer.cancel()
      abort.abort()
      this.#closing.signal.removeEventListener('abort', close)
    }
    this.#closing.signal.addEventListener('abort', close, { once: true })
    return { close }
  }

  close(): void {
    this.#closing.abort()
    this.#options.access.close()
  }
}

function networkFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error
  const { code, message } = error as { code?: unknown; message?: unknown }
  const reason = typeof code === 'string' ? code : undefined
  return new ApiFailure(String(message || code || error), { cause: error, ...(reason && { reason }) })
}

function failureOf({ status, body }: Answer): ApiFailure {
  const { message, reason } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const said = typeof message === 'string' && message !== '' ? message : `the server answered ${status}`
  return new ApiFailure(said, { status, reason: typeof reason === 'string' && reason !== '' ? reason : String(status) })
}
