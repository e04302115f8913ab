import type { Socket } from 'node:net'
import { type ClockTimer, DromedaryError, messageOf } from '@dromedary/core/component'
import { writeAddress } from '../address.ts'
import { closeSoon } from '../connection/close-soon.ts'
import { attach, listen, type SocketListener } from '../connection/listeners.ts'
import type { Decoder } from '../framing/decoder.ts'
import type { TcpPlan } from '../plan.ts'

interface Request {
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
}

/** One connection of a producer: what is sent goes out in order, and replies are taken in the order of the requests. */
export class Link implements SocketListener {
  readonly #socket: Socket
  readonly #plan: TcpPlan
  readonly #decoder: Decoder | undefined
  readonly #onClosed: (link: Link) => void
  #requests: Request[] = []
  #waiting: Request[] = []
  #usable = true
  #closed: (() => void) | undefined
  /** Why it ends, if this side knows. */
  #reason: unknown
  /** So much was written that the peer has to take some of it first: see {@link drained}. */
  choked = false

  constructor(socket: Socket, plan: TcpPlan, onClosed: (link: Link) => void) {
    this.#socket = socket
    this.#plan = plan
    this.#decoder = plan.settings.sync ? plan.framing.decoder() : undefined
    this.#onClosed = onClosed
    attach(socket, this)
    listen(socket)
  }

  /** Whether anything more can be sent. */
  get usable(): boolean {
    return this.#usable && !this.#socket.destroyed
  }

  /** Sends a frame. {@link choked} says whether to wait before the next. */
  write(frame: Uint8Array | string): void {
    if (!this.usable) throw this.#broken()
    if (!this.#socket.write(frame as string, this.#plan.framing.encoding)) this.choked = true
  }

  /** Resolves when the peer has taken what was written; rejects when the connection ends before, or on the signal. */
  drained(signal: AbortSignal): Promise<void> {
    return new Promise<unknown>((resolve, reject) => {
      if (!this.choked) resolve(undefined)
      else if (!this.usable) reject(this.#broken())
      else this.#waiting.push(abortable({ resolve, reject }, signal))
    }) as Promise<void>
  }

  /**
   * The reply to this frame. Rejects with `DROMEDARY_NO_REPLY` after `timeoutMs` (0: never), on the signal, and with
   * `DROMEDARY_CONNECTION_FAILED`; in each case the connection is lost: a late reply would be taken for the next one's.
   */
  request(frame: Uint8Array | string, timeoutMs: number, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let timer: ClockTimer | undefined
      const aborted = () => this.fail(signal.reason)
      const settle = (outcome: () => void) => {
        timer?.cancel()
        signal.removeEventListener('abort', aborted)
        outcome()
      }
      if (signal.aborted) return reject(signal.reason)
      this.write(frame)
      this.#requests.push({
        resolve: reply => settle(() => resolve(reply)),
        reject: error => settle(() => reject(error)),
      })
      if (timeoutMs > 0) timer = this.#plan.clock.setTimeout(() => this.fail(this.#noReply(timeoutMs)), timeoutMs)
      signal.addEventListener('abort', aborted, { once: true })
    })
  }

  /** Sends what was written, and closes; at once after shutdownTimeout. Resolves when it is closed. */
  close(): Promise<void> {
    this.#usable = false
    const { clock, settings } = this.#plan
    if (this.#socket.destroyed) return Promise.resolve()
    return new Promise(resolve => {
      this.#closed = resolve
      closeSoon(this.#socket, clock, settings.shutdownTimeout)
    })
  }

  /** Closes at once; what waits is rejected with that. */
  fail(reason: unknown): void {
    this.#reason ??= reason
    this.#usable = false
    this.#socket.destroy()
    this.#rejectAll()
  }

  onData(chunk: Buffer): void {
    // One way: whatever the peer says is of no account.
    if (this.#decoder === undefined || !this.#usable) return
    try {
      this.#decoder.push(chunk)
      for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
        const request = this.#requests.shift()
        if (request === undefined) throw new Error('the peer sent something that nobody had asked for')
        request.resolve(reply)
      }
    } catch (error) {
      this.fail(error)
    }
  }

  onEnd(): void {
    void this.close()
    this.#rejectAll()
  }

  onDrain(): void {
    this.choked = false
    for (const one of this.#waiting.splice(0)) one.resolve(undefined)
  }

  onError(error: Error): void {
    this.#reason ??= error
  }

  onClose(): void {
    this.#usable = false
    this.#rejectAll()
    this.#onClosed(this)
    this.#closed?.()
  }

  #rejectAll(): void {
    const all = [...this.#requests.splice(0), ...this.#waiting.splice(0)]
    for (const one of all) one.reject(this.#broken())
  }

  #broken(): unknown {
    const reason = this.#reason
    if (reason instanceof DromedaryError) return reason
    const why = reason === undefined ? 'the other side closed it' : messageOf(reason)
    const message = `the connection to ${writeAddress(this.#plan.address)} has ended: ${why}`
    return new DromedaryError('DROMEDARY_CONNECTION_FAILED', message, reason === undefined ? {} : { cause: reason })
  }

  #noReply(ms: number): DromedaryError {
    const message = `${writeAddress(this.#plan.address)} sent no reply within requestTimeout=${ms} ms`
    return new DromedaryError('DROMEDARY_NO_REPLY', message)
  }
}

/** Also rejects on the signal. */
function abortable({ resolve, reject }: Request, signal: AbortSignal): Request {
  const aborted = () => reject(signal.reason)
  signal.addEventListener('abort', aborted, { once: true })
  const forget = () => signal.removeEventListener('abort', aborted)
  return {
    resolve: value => {
      forget()
      resolve(value)
    },
    reject: error => {
      forget()
      reject(error)
    },
  }
}
