import { onAbort } from '../clock.ts'
import { ownOriginal } from '../error-handling/original-message.ts'
import { shareUnitOfWork } from '../error-handling/shared-unit-of-work.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import { breather } from '../runtime/stack.ts'
import { andThen, isThenable } from '../runtime/thenable.ts'
import type { Items } from './split-items.ts'
import { SplitOutcome, type SplitPlan } from './split-outcome.ts'

/** What makes the parts of one step, and runs them. */
export interface PartPlan extends SplitPlan {
  readonly steps: Processor
  readonly onPrepare: Processor | undefined
  readonly streaming: boolean
}

/** The split of one exchange. */
export class SplitRun {
  readonly exchange: Exchange
  readonly items: Items
  readonly outcome: SplitOutcome
  readonly plan: PartPlan
  /** Of the exchange, or one that aborts sooner. */
  signal: AbortSignal
  #index = 0
  #isFinished = false

  constructor(plan: PartPlan, exchange: Exchange, items: Items) {
    this.plan = plan
    this.exchange = exchange
    this.items = items
    this.signal = exchange.signal
    this.outcome = new SplitOutcome(plan, exchange)
  }

  /** Passes over what a run before has split. */
  async skipKnown(): Promise<void> {
    this.#index = await this.outcome.skip(this.items)
  }

  /** How many parts have begun, with those that were passed over. */
  get index(): number {
    return this.#index
  }

  /** The part of the item that items have advanced to. */
  nextPart(): Exchange {
    const { items } = this
    const part = this.exchange.copy()
    part.message.body = items.item
    part.signal = this.signal
    part.setProperty(NAMES.splitIndex, this.#index++)
    const { isLast } = items
    if (isLast || !this.plan.streaming) part.setProperty(NAMES.splitSize, items.size)
    part.setProperty(NAMES.splitComplete, isLast)
    if (!this.plan.shareUnitOfWork) ownOriginal(part)
    else shareUnitOfWork(part)
    return part
  }

  /** Runs a part to its end. Never throws or rejects. */
  runPart(part: Exchange): void | Promise<void> {
    const { onPrepare, steps } = this.plan
    let result: unknown
    try {
      result = onPrepare === undefined ? steps(part) : andThen(onPrepare(part), () => steps(part))
    } catch (error) {
      this.#unhandled(part, error)
    }
    if (result === undefined || !isThenable(result)) return this.#end(part)
    return Promise.resolve(result).then(
      () => this.#end(part),
      error => {
        this.#unhandled(part, error)
        return this.#end(part)
      },
    )
  }

  /** One part after the other; without a promise while they need none. */
  sequential(): void | Promise<void> {
    try {
      for (;;) {
        const more = this.items.advance()
        if (typeof more !== 'boolean') return this.#rest(this.orAborted(more).then(found => found && this.#one()))
        if (!more) break
        const goesOn = this.#one()
        if (typeof goesOn !== 'boolean') return this.#rest(goesOn)
        if (!goesOn) break
        const pause = breather()
        if (pause !== undefined) return this.#rest(pause.then(() => true))
      }
    } catch (error) {
      this.items.close()
      throw error
    }
    this.finish()
  }

  finish(): void {
    this.leave()
    this.outcome.settle()
  }

  /** Nothing more is split; parts that still run end on their own. */
  leave(): void {
    this.#isFinished = true
    this.items.close()
  }

  /** A source may be silent for ever: an abort ends the wait with `DROMEDARY_NOT_ACCEPTING`. */
  orAborted<T>(pending: Promise<T>): Promise<T> {
    const { signal } = this
    return new Promise((resolve, reject) => {
      const abort = () => reject(this.#mustEnd())
      if (signal.aborted) return abort()
      const forget = onAbort(signal, abort)
      pending.then(resolve, reject).finally(forget)
    })
  }

  /** Runs one part and takes what came of it; whether the split goes on. */
  #one(): boolean | Promise<boolean> {
    const index = this.#index
    const part = this.nextPart()
    const running = this.runPart(part)
    return running === undefined ? this.outcome.take(part, index) : running.then(() => this.outcome.take(part, index))
  }

  async #rest(first: Promise<boolean>): Promise<void> {
    try {
      for (let goesOn = await first; goesOn; ) {
        if (this.signal.aborted) throw this.#mustEnd()
        const more = this.items.advance()
        if (!(typeof more === 'boolean' ? more : await this.orAborted(more))) break
        const next = this.#one()
        goesOn = typeof next === 'boolean' ? next : await next
        const pause = breather()
        if (pause !== undefined) await pause
      }
    } catch (error) {
      this.items.close()
      throw error
    }
    this.finish()
  }

  #end(part: Exchange): void | Promise<void> {
    if (!part.hasUnitOfWork) return
    // One that was left behind may outlive the exchange: it ends on its own.
    if (this.plan.shareUnitOfWork && !this.#isFinished) return part.unitOfWork.handOver(this.exchange.unitOfWork)
    return this.plan.at.complete(part)
  }

  #unhandled(part: Exchange, error: unknown): void {
    part.fail(error)
    this.outcome.unhandled = true
  }

  #mustEnd(): DromedaryError {
    const { at } = this.plan
    return new DromedaryError('DROMEDARY_NOT_ACCEPTING', `route ${at.routeId} gave up at ${at.stepId}: it must end`)
  }
}
