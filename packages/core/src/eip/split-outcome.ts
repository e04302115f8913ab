import { isUseOriginal } from '../aggregation/strategies.ts'
import { type AggregationHooks, hooksOf } from '../aggregation/strategy.ts'
import type { SplitStep } from '../definition/gathering-steps.ts'
import { isCalledOff } from '../error-handling/called-off.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import { type Exchange, HALT } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import { isThenable } from '../runtime/thenable.ts'
import type { StepCompiler } from './eip.ts'
import { hasMethods, isFunction, resolveRef } from './resolve-ref.ts'
import type { Items } from './split-items.ts'
import { type Watermark, WatermarkRun } from './split-watermark.ts'

/** What came of the parts of a split with `maxFailedRecords` or `errorThreshold`: the property `CamelSplitResult`. */
export interface SplitResult {
  readonly totalItems: number
  readonly successCount: number
  readonly failureCount: number
  /** A threshold was reached: the items after that were not split. */
  readonly aborted: boolean
  readonly failures: readonly { readonly index: number; readonly exception: unknown }[]
}

/** How parts of one step come together; the same for all its exchanges. */
export interface SplitPlan {
  readonly at: StepCompiler
  /** Undefined: the exchange stays as it was. */
  readonly strategy: AggregationHooks | undefined
  /** Whether the failure of a part fails the exchange, where there is no strategy. */
  readonly propagates: boolean
  readonly stopOnException: boolean
  readonly maxFailedRecords: number
  readonly errorThreshold: number
  readonly tolerates: boolean
  readonly shareUnitOfWork: boolean
  readonly watermark?: Watermark | undefined
}

export function splitPlan(step: SplitStep, at: StepCompiler): SplitPlan {
  const isStrategy = (it: object) => isFunction(it) || hasMethods('aggregate')(it)
  const strategy =
    step.aggregationStrategy && resolveRef(step.aggregationStrategy, at, 'an aggregation strategy', isStrategy)
  const original = strategy === undefined || isUseOriginal(strategy)
  const { stopOnException, maxFailedRecords, errorThreshold, shareUnitOfWork } = step
  return {
    at,
    strategy: original ? undefined : hooksOf(strategy),
    propagates: strategy === undefined || (isUseOriginal(strategy) && strategy.propagateException),
    stopOnException,
    maxFailedRecords: maxFailedRecords ?? Number.POSITIVE_INFINITY,
    errorThreshold: errorThreshold ?? Number.POSITIVE_INFINITY,
    tolerates: maxFailedRecords !== undefined || errorThreshold !== undefined,
    shareUnitOfWork,
  }
}

/** What comes of the parts of one exchange: takes them one by one, in the order in which they count. */
export class SplitOutcome {
  readonly #plan: SplitPlan
  readonly #exchange: Exchange
  readonly #watermark: WatermarkRun | undefined
  #result: Exchange | undefined
  #count = 0
  /** The part that ended the split, or the first that failed. */
  #failed: Exchange | undefined
  /** A part that an error handler dealt with; it matters only where the parts stand or fall together. */
  #handled: Exchange | undefined
  #failures: { readonly index: number; readonly exception: unknown }[] = []
  #aborted = false
  /** Nothing against the message, and no strategy may take it for that: the rest of the work is called off as well. */
  #calledOff: { readonly error: unknown } | undefined
  /** A failure that no error handler saw: there is none, or it was called off. */
  unhandled = false

  constructor(plan: SplitPlan, exchange: Exchange) {
    this.#plan = plan
    this.#exchange = exchange
    this.#watermark = plan.watermark && new WatermarkRun(plan.watermark, exchange)
  }

  /** How many items to pass over, as they were split before. */
  async skip(items: Items): Promise<number> {
    return this.#watermark?.begin(items) ?? 0
  }

  get result(): Exchange | undefined {
    return this.#result
  }

  /** Takes a part that has ended; whether the split goes on. */
  take(part: Exchange, index: number): boolean | Promise<boolean> {
    this.#count++
    const goesOn =
      (part.halt & (HALT.exception | HALT.rollback | HALT.handled)) === 0 || this.#afterFailure(part, index)
    if (!part.failed) this.#watermark?.reached(part, index)
    const { strategy } = this.#plan
    if (strategy === undefined || (!goesOn && !this.#aborted)) return goesOn
    const result = strategy.aggregate(this.#result, part)
    if (isThenable(result)) {
      return Promise.resolve(result).then(settled => {
        this.#result = settled as Exchange
        return goesOn
      })
    }
    this.#result = result as Exchange
    return goesOn
  }

  /** The part came too late. */
  late(index: number, total: number, timeout: number): void {
    this.#plan.strategy?.timeout?.(this.#result, index, total, timeout)
  }

  /** Puts what came of the parts into the exchange. Throws what no error handler has seen yet. */
  settle(): void {
    const { strategy, tolerates, stopOnException } = this.#plan
    const result = this.#result
    if (result !== undefined) strategy?.onCompletion?.(result)
    if (tolerates) this.#exchange.setProperty(NAMES.splitResult, this.#summary())
    if (this.#calledOff !== undefined) this.#fail(this.#calledOff.error)
    else if (this.#aborted) this.#fail(this.#tooMany())
    else if (stopOnException && this.#failed !== undefined) this.#fail(this.#stopped(this.#failed))
    else if (result !== undefined) {
      if (result !== this.#exchange) putInto(this.#exchange, result)
      if (result.failed) this.#fail(result.exception)
    } else if (this.#failed !== undefined && this.#plan.propagates && !tolerates) this.#fail(this.#failed.exception)
    if (stopOnException && this.#handled !== undefined) this.#exchange.halt |= HALT.handled
    if (this.#exchange.halt === 0) this.#watermark?.keep()
  }

  #afterFailure(part: Exchange, index: number): boolean {
    const { stopOnException, maxFailedRecords, errorThreshold, tolerates, shareUnitOfWork } = this.#plan
    if (part.failed && isCalledOff(part.exception)) {
      this.#calledOff = { error: part.exception }
      return false
    }
    if (part.failed) this.#failed ??= part
    else if (stopOnException || shareUnitOfWork) this.#handled ??= part
    if (tolerates) {
      const exception = part.exception ?? part.getProperty(NAMES.exceptionCaught)
      this.#failures.push({ index, exception })
      const failures = this.#failures.length
      this.#aborted ||= failures >= maxFailedRecords || failures / this.#count >= errorThreshold
    }
    return !stopOnException && !this.#aborted
  }

  /** Error handlers have dealt with the parts: the exchange itself is not their business again. */
  #fail(error: unknown): void {
    if (this.unhandled || this.#plan.shareUnitOfWork) throw error
    this.#exchange.fail(error)
  }

  #summary(): SplitResult {
    const failureCount = this.#failures.length
    return {
      totalItems: this.#count,
      successCount: this.#count - failureCount,
      failureCount,
      aborted: this.#aborted,
      failures: this.#failures,
    }
  }

  #tooMany(): DromedaryError {
    const { at } = this.#plan
    const failed = this.#failures.length
    const last = this.#failures.at(-1)?.exception
    const message = `${at.stepId} in route ${at.routeId} ended early: ${failed} of ${this.#count} parts failed, the last one with: ${messageOf(last)}`
    return new DromedaryError('DROMEDARY_PART_FAILED', message, { cause: last })
  }

  #stopped(part: Exchange): DromedaryError {
    const { at } = this.#plan
    const number = part.getProperty(NAMES.splitIndex)
    const message = `Split processing failed for number ${number}, at ${at.stepId} in route ${at.routeId}: ${messageOf(part.exception)}`
    return new DromedaryError('DROMEDARY_PART_FAILED', message, { cause: part.exception })
  }
}

/** Of the part, not of what came of all. */
const OF_A_PART: ReadonlySet<string> = new Set([
  NAMES.correlationId,
  NAMES.splitIndex,
  NAMES.splitSize,
  NAMES.splitComplete,
])

/** The message and the properties of the result become those of the exchange. */
function putInto(exchange: Exchange, result: Exchange): void {
  exchange.message = result.message
  for (const [name, value] of result.properties) if (!OF_A_PART.has(name)) exchange.setProperty(name, value)
}
