import { type Clock, type ClockTimer, onAbort } from '../clock.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** One limit: who does not pass at once waits in line. */
export interface Limiter {
  /** Whether it passes now, nobody waiting before it. `limit` holds from here on, for those who wait as well. */
  tryPass(exchange: Exchange, limit: number): boolean
  /** Waits in line; false if the exchange must end before. */
  wait(exchange: Exchange): Promise<boolean>
  /** Nobody waits, and nothing is remembered. */
  isIdle(): boolean
}

/** When there are more keys than this, or twice as many as after the last time, those that are idle are forgotten. */
const SWEEP_FROM = 1000

/** A limit per key. */
export class Limiters {
  readonly #make: () => Limiter
  readonly #byKey = new Map<unknown, Limiter>()
  #sweepAt = SWEEP_FROM

  constructor(make: () => Limiter) {
    this.#make = make
  }

  get size(): number {
    return this.#byKey.size
  }

  of(key: unknown): Limiter {
    const known = this.#byKey.get(key)
    if (known) return known
    if (this.#byKey.size > this.#sweepAt) {
      for (const [other, limiter] of this.#byKey) if (limiter.isIdle()) this.#byKey.delete(other)
      this.#sweepAt = Math.max(SWEEP_FROM, this.#byKey.size * 2)
    }
    const limiter = this.#make()
    this.#byKey.set(key, limiter)
    return limiter
  }
}

/** Those who wait, first come first served. */
class Line {
  readonly #waiting = new Map<Exchange, (passed: boolean) => void>()
  readonly #empty: () => void

  /** `empty`: nobody waits any more. */
  constructor(empty: () => void = () => {}) {
    this.#empty = empty
  }

  get size(): number {
    return this.#waiting.size
  }

  join(exchange: Exchange): Promise<boolean> {
    if (exchange.signal.aborted) return Promise.resolve(false)
    return new Promise(resolve => {
      const leave = (passed: boolean) => {
        forget()
        this.#waiting.delete(exchange)
        resolve(passed)
        if (this.#waiting.size === 0) this.#empty()
      }
      const forget = onAbort(exchange.signal, () => leave(false))
      this.#waiting.set(exchange, leave)
    })
  }

  /** The first one goes, if `may` lets it. */
  next(may: (exchange: Exchange) => boolean): boolean {
    for (const [exchange, leave] of this.#waiting) {
      if (!may(exchange)) return false
      leave(true)
      return true
    }
    return false
  }
}

/** So many in any period of that length. */
export class PeriodLimiter implements Limiter {
  readonly #clock: Clock
  readonly #period: number
  // A timer that nobody waits for would keep the process alive.
  readonly #line = new Line(() => this.#disarm())
  /** When the last ones passed, oldest first, from `#first` on. */
  #passed: number[] = []
  #first = 0
  #limit = 0
  #timer: ClockTimer | undefined

  constructor(clock: Clock, period: number) {
    this.#clock = clock
    this.#period = period
  }

  tryPass(_: Exchange, limit: number): boolean {
    this.#limit = limit
    return this.#line.size === 0 && this.#pass(this.#clock.monotonic())
  }

  wait(exchange: Exchange): Promise<boolean> {
    const passed = this.#line.join(exchange)
    // The limit may have grown: then those before it go first.
    this.#letPass()
    return passed
  }

  isIdle(): boolean {
    this.#forget(this.#clock.monotonic())
    return this.#line.size === 0 && this.#count === 0
  }

  get #count(): number {
    return this.#passed.length - this.#first
  }

  #pass(now: number): boolean {
    this.#forget(now)
    if (this.#count >= this.#limit) return false
    this.#passed.push(now)
    return true
  }

  #forget(now: number): void {
    const oldest = now - this.#period
    while (this.#first < this.#passed.length && (this.#passed[this.#first] as number) <= oldest) this.#first++
    if (this.#first < 64 || this.#first * 2 < this.#passed.length) return
    this.#passed = this.#passed.slice(this.#first)
    this.#first = 0
  }

  #letPass(): void {
    this.#disarm()
    const now = this.#clock.monotonic()
    while (this.#line.next(() => this.#pass(now))) {}
    this.#arm()
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** For the time at which there is room for the first in line. */
  #arm(): void {
    if (this.#timer !== undefined || this.#line.size === 0 || this.#limit === 0) return
    const leaves = this.#passed[Math.max(this.#first, this.#passed.length - this.#limit)]
    const ms = leaves === undefined ? 0 : Math.max(0, leaves + this.#period - this.#clock.monotonic())
    this.#timer = this.#clock.setTimeout(() => this.#letPass(), ms)
  }
}

/** So many at once, each until the end of its exchange. One that passes again within keeps its place. */
export class ConcurrencyLimiter implements Limiter {
  readonly #line = new Line()
  readonly #inside = new Set<Exchange>()
  #limit = 0

  tryPass(exchange: Exchange, limit: number): boolean {
    this.#limit = limit
    if (this.#inside.has(exchange)) return true
    return this.#line.size === 0 && this.#pass(exchange)
  }

  wait(exchange: Exchange): Promise<boolean> {
    const passed = this.#line.join(exchange)
    this.#letPass()
    return passed
  }

  isIdle(): boolean {
    return this.#line.size === 0 && this.#inside.size === 0
  }

  #pass(exchange: Exchange): boolean {
    if (this.#inside.size >= this.#limit) return false
    this.#inside.add(exchange)
    const leave = () => {
      this.#inside.delete(exchange)
      this.#letPass()
    }
    exchange.unitOfWork.addSynchronization({ onComplete: leave, onFailure: leave })
    return true
  }

  #letPass(): void {
    while (this.#line.next(exchange => this.#pass(exchange))) {}
  }
}
