import type { Clock, ClockTimer } from '@dromedary/core'
import type { ApiFailure, Watch, WatchListener } from './api.ts'

export interface KeptWatchOptions<T> {
  readonly clock: Clock
  readonly random: () => number
  /** Wait before the first new try; it doubles with each that brings nothing. Milliseconds. */
  readonly retryMs: number
  readonly open: (listener: WatchListener<T>) => Watch
  /** `askedAt`: when this connection was opened, by the monotonic clock. */
  readonly event: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T, askedAt: number) => void
  /** It was refused, or it broke; it is tried again all the same. */
  readonly failed: (failure: ApiFailure) => void
}

const LONGEST_RETRY_MS = 30_000
/** The server sends a bookmark about once a minute: a connection that has brought nothing for so long is dead. */
const SILENT_MS = 150_000

/** A server that answers everything but watches is left in peace. */
const MOST_NUDGES = 3

/** No answer, or that of a server or balancer that is out of order; what is refused for a reason is asked for again in its time. */
const isPassing = ({ status }: ApiFailure): boolean => status === undefined || status >= 500

/** A watch that is opened again whenever it ends. It only ever makes things faster: what it tells is also read now and then. */
export class KeptWatch<T> {
  readonly #options: KeptWatchOptions<T>
  #watch: Watch | undefined
  #timer: ClockTimer | undefined
  #round = 0
  #tries = 0
  #opens = 0
  #closed = false
  /** Since it was last open. */
  #nudges = 0
  /** It ended for a reason that is gone once the server answers again. */
  #unreachable = false
  #silence: ClockTimer | undefined
  #lastSign = Number.NEGATIVE_INFINITY

  constructor(options: KeptWatchOptions<T>) {
    this.#options = options
    this.#open()
  }

  /** When it last brought anything; -Infinity while it is not open. */
  get lastSign(): number {
    return this.#lastSign
  }

  /** How often it was opened. */
  get opens(): number {
    return this.#opens
  }

  /** Opens it anew at once: it seems dead, or a server that was away is back. */
  restart(): void {
    if (this.#closed) return
    this.#tries = 0
    this.#open()
  }

  /** The server answers again: opened anew at once, where it broke because the server did not. A few times at most. */
  nudge(): void {
    if (this.#closed || !this.#unreachable || this.#nudges >= MOST_NUDGES) return
    this.#unreachable = false
    this.#nudges += 1
    this.#open()
  }

  close(): void {
    this.#closed = true
    this.#end()
  }

  #end(): void {
    this.#round += 1
    this.#timer?.cancel()
    this.#silence?.cancel()
    this.#watch?.close()
    this.#watch = undefined
    this.#lastSign = Number.NEGATIVE_INFINITY
  }

  #open(): void {
    this.#end()
    this.#opens += 1
    this.#unreachable = false
    const { clock, open, event } = this.#options
    const round = this.#round
    const current = () => round === this.#round
    const askedAt = clock.monotonic()
    this.#watch = open({
      opened: () => {
        if (current()) this.#sign()
      },
      event: (type, object) => {
        if (!current()) return
        this.#tries = 0
        this.#nudges = 0
        this.#sign()
        if (type !== 'BOOKMARK') event(type, object, askedAt)
      },
      closed: failure => {
        if (!current()) return
        this.#end()
        this.#unreachable = failure !== undefined && isPassing(failure)
        if (failure) this.#options.failed(failure)
        this.#again()
      },
    })
  }

  #again(): void {
    const { clock, random, retryMs } = this.#options
    if (this.#closed) return
    const wait = Math.min(LONGEST_RETRY_MS, retryMs * 2 ** this.#tries++) * (0.8 + 0.4 * random())
    this.#timer = clock.setTimeout(() => this.#open(), wait).unref()
  }

  #sign(): void {
    const { clock } = this.#options
    this.#lastSign = clock.monotonic()
    this.#silence?.cancel()
    this.#silence = clock.setTimeout(() => this.restart(), SILENT_MS).unref()
  }
}
