import { type ClockTimer, DromedaryError } from '@dromedary/core/component'
import { writeAddress } from '../address.ts'
import type { TcpPlan } from '../plan.ts'
import type { Link } from './link.ts'

interface Waiter {
  readonly signal: AbortSignal
  readonly resolve: (link: Link | Promise<Link>) => void
  readonly reject: (error: unknown) => void
}

/** Connections for one request at a time each: opened when none is free, kept for the next. */
export class Pool {
  readonly #plan: TcpPlan
  readonly #open: (signal: AbortSignal, onClosed: (link: Link) => void) => Promise<Link>
  /** The one that was used last comes last, and is taken first. */
  #idle: { readonly link: Link; readonly since: number }[] = []
  readonly #links = new Set<Link>()
  readonly #waiters = new Set<Waiter>()
  /** Those that are being opened too. */
  #total = 0
  #timer: ClockTimer | undefined

  constructor(plan: TcpPlan, open: (signal: AbortSignal, onClosed: (link: Link) => void) => Promise<Link>) {
    this.#plan = plan
    this.#open = open
  }

  /** A connection of one's own, until {@link release}. Rejects with `DROMEDARY_CONNECTION_FAILED`, and on the signal. */
  async acquire(signal: AbortSignal): Promise<Link> {
    signal.throwIfAborted()
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop())
      if (kept.link.usable) return kept.link
    const { producerPoolMaxTotal, producerPoolBlockWhenExhausted, producerPoolMaxWait } = this.#plan.settings
    if (producerPoolMaxTotal < 1 || this.#total < producerPoolMaxTotal) return this.#more(signal)
    if (!producerPoolBlockWhenExhausted || producerPoolMaxWait === 0) throw this.#exhausted()
    return this.#wait(signal, producerPoolMaxWait)
  }

  /** Gives a connection back: to whoever waits, to the next one, or to nobody. */
  release(link: Link): void {
    if (!link.usable) return
    const [waiter] = this.#waiters
    if (waiter) waiter.resolve(link)
    else if (this.#idle.length >= this.#plan.settings.producerPoolMaxIdle) void link.close()
    else {
      this.#idle.push({ link, since: this.#plan.clock.monotonic() })
      this.#evictLater()
    }
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const waiter of this.#waiters) waiter.reject(this.#exhausted())
    await Promise.all([...this.#links].map(link => link.close()))
  }

  async #more(signal: AbortSignal): Promise<Link> {
    this.#total++
    try {
      const link = await this.#open(signal, closed => this.#gone(closed))
      this.#links.add(link)
      return link
    } catch (error) {
      this.#total--
      this.#refill()
      throw error
    }
  }

  #gone(link: Link): void {
    this.#links.delete(link)
    this.#idle = this.#idle.filter(one => one.link !== link)
    this.#total--
    this.#refill()
  }

  /** There may be one more: for the first that waits. */
  #refill(): void {
    const [waiter] = this.#waiters
    waiter?.resolve(this.#more(waiter.signal))
  }

  #wait(signal: AbortSignal, ms: number): Promise<Link> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        timer?.cancel()
        signal.removeEventListener('abort', aborted)
        this.#waiters.delete(waiter)
        outcome()
      }
      const aborted = () => settle(() => reject(signal.reason))
      const waiter: Waiter = {
        signal,
        resolve: link => settle(() => resolve(link)),
        reject: error => settle(() => reject(error)),
      }
      const late = () => waiter.reject(this.#exhausted())
      const timer = ms < 0 ? undefined : this.#plan.clock.setTimeout(late, ms)
      signal.addEventListener('abort', aborted, { once: true })
      this.#waiters.add(waiter)
    })
  }

  /** Closes what nobody has needed for long. */
  #evictLater(): void {
    const { clock, settings } = this.#plan
    const [oldest] = this.#idle
    if (this.#timer !== undefined || oldest === undefined) return
    const wait = settings.producerPoolMinEvictableIdle
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = undefined
        const now = clock.monotonic()
        const old = this.#idle.filter(({ since }) => now - since >= wait)
        this.#idle = this.#idle.filter(({ since }) => now - since < wait)
        for (const { link } of old) void link.close()
        this.#evictLater()
      },
      oldest.since + wait - clock.monotonic(),
    )
    this.#timer.unref()
  }

  #exhausted(): DromedaryError {
    const { address, settings } = this.#plan
    const message = `all producerPoolMaxTotal=${settings.producerPoolMaxTotal} connections to ${writeAddress(address)} are in use`
    return new DromedaryError('DROMEDARY_CONNECTION_FAILED', message)
  }
}
