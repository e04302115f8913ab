import type { ClockTimer } from '../clock.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { breather } from '../runtime/stack.ts'
import type { SplitRun } from './split-run.ts'

export interface ParallelOptions {
  readonly poolSize: number
  /** Milliseconds; 0: none. */
  readonly timeout: number
  /** Parts count in the order in which they are done. */
  readonly streaming: boolean
}

/**
 * Many parts at once, at most `poolSize`; the next item is not read before there is room for it. Parts count in the
 * order of their items, unless streaming. Waits for all of them, but for those that the time-out left behind.
 */
export class ParallelSplit {
  readonly #run: SplitRun
  readonly #options: ParallelOptions
  readonly #running = new Map<number, { readonly part: Exchange; readonly ended: Promise<void> }>()
  readonly #done = new Map<number, Exchange>()
  readonly #expiry = new AbortController()
  #started = 0
  /** Of the part that counts next, in the order of items. */
  #next = 0
  #goesOn = true
  #taking = false
  #failure: { readonly error: unknown } | undefined
  #changed = Promise.withResolvers<void>()

  constructor(run: SplitRun, options: ParallelOptions) {
    this.#run = run
    this.#options = options
    this.#started = run.index
    this.#next = run.index
  }

  async split(): Promise<void> {
    const timer = this.#startTimer()
    try {
      await this.#startParts()
      while (this.#isBusy && !this.#expired) await this.#change()
    } catch (error) {
      if (!this.#expired) this.#failure ??= { error }
    } finally {
      timer?.cancel()
    }
    if (this.#failure) {
      this.#run.items.close()
      // Parts that still run belong to the exchange: it does not end, or is tried again, before them.
      while (this.#isBusy) await this.#change()
      throw this.#failure.error
    }
    try {
      if (this.#expired) await this.#leaveLate()
    } catch (error) {
      this.#run.leave()
      throw error
    }
    this.#run.finish()
  }

  get #expired(): boolean {
    return this.#expiry.signal.aborted
  }

  get #isBusy(): boolean {
    return this.#running.size > 0 || this.#taking
  }

  async #startParts(): Promise<void> {
    const { items } = this.#run
    while (this.#goesOn && !this.#expired && !this.#failure) {
      const more = items.advance()
      if (!(typeof more === 'boolean' ? more : await this.#run.orAborted(more))) return
      this.#startPart()
      while (this.#running.size >= this.#options.poolSize && !this.#expired) await this.#change()
      const pause = breather()
      if (pause !== undefined) await pause
    }
  }

  #startPart(): void {
    const index = this.#started++
    const part = this.#run.nextPart()
    const pending = this.#run.runPart(part)
    if (pending === undefined) {
      this.#ended(index, part)
      return
    }
    this.#running.set(index, { part, ended: pending })
    void pending.then(() => {
      // What the time-out left behind does not count any more.
      if (this.#running.delete(index)) this.#ended(index, part)
    })
  }

  #ended(index: number, part: Exchange): void {
    this.#done.set(index, part)
    void this.#take()
    this.#tell()
  }

  /** Takes what is ready, one after the other. */
  async #take(): Promise<void> {
    if (this.#taking) return
    this.#taking = true
    try {
      while (this.#goesOn) {
        const index = this.#options.streaming ? this.#done.keys().next().value : this.#next
        const part = index === undefined ? undefined : this.#done.get(index)
        if (index === undefined || part === undefined) break
        this.#done.delete(index)
        if (!this.#options.streaming) this.#next++
        const goesOn = this.#run.outcome.take(part, index)
        this.#goesOn = typeof goesOn === 'boolean' ? goesOn : await goesOn
      }
    } catch (error) {
      this.#goesOn = false
      this.#failure ??= { error }
    } finally {
      this.#taking = false
      this.#tell()
    }
  }

  #startTimer(): ClockTimer | undefined {
    const { timeout } = this.#options
    if (timeout === 0) return undefined
    const { at } = this.#run.plan
    this.#run.signal = AbortSignal.any([this.#run.exchange.signal, this.#expiry.signal])
    return at.clock.setTimeout(() => {
      const message = `a part at ${at.stepId} in route ${at.routeId} took longer than ${timeout} ms`
      this.#expiry.abort(new DromedaryError('DROMEDARY_INTERRUPTED', message))
      this.#tell()
    }, timeout)
  }

  /** Parts that are done count; the others are called off, and their route waits for their end when it stops. */
  async #leaveLate(): Promise<void> {
    const { outcome, items, plan } = this.#run
    while (this.#taking) await this.#change()
    const late = new Set(this.#running.keys())
    for (const { part, ended } of this.#running.values()) void ended.then(plan.at.hold(part))
    this.#running.clear()
    for (let index = this.#started; index < (items.size ?? 0); index++) late.add(index)
    for (const index of [...late, ...this.#done.keys()].sort((a, b) => a - b)) {
      const part = this.#done.get(index)
      if (part === undefined) outcome.late(index, items.size ?? -1, this.#options.timeout)
      else if (this.#goesOn) this.#goesOn = await outcome.take(part, index)
    }
  }

  #tell(): void {
    this.#changed.resolve()
  }

  async #change(): Promise<void> {
    await this.#changed.promise
    this.#changed = Promise.withResolvers()
  }
}
