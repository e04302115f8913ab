import type { AggregateStep } from '../definition/gathering-steps.ts'
import type { StepCompiler } from '../eip/eip.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'

/** Why a group is complete: the property `CamelAggregatedCompletedBy`. */
export type CompletedBy = 'size' | 'predicate' | 'timeout' | 'interval' | 'consumer' | 'strategy' | 'force'

/** When a group is complete, as far as that hangs on exchanges; and when it is by time. */
export interface Completion {
  /** Of a group with one more exchange, or (eager) of that exchange, which then has the size of the group. */
  reason(exchange: Exchange): CompletedBy | undefined
  /** Milliseconds for which the group waits for another exchange after this one; undefined: any time. */
  timeout(exchange: Exchange): number | undefined
}

export function completion(step: AggregateStep, at: StepCompiler): Completion {
  const predicate = step.completionPredicate && at.predicate(step.completionPredicate)
  const sizeOf = step.completionSizeExpression && at.expression(step.completionSizeExpression)
  const timeoutOf = step.completionTimeoutExpression && at.expression(step.completionTimeoutExpression)
  /** Nothing, 0 and less mean: as the step says. */
  const positive = (value: unknown): number | undefined => {
    const number = value === null || value === undefined ? 0 : Number(value)
    if (!Number.isNaN(number)) return number > 0 ? number : undefined
    const message = `a completion expression at ${at.stepId} in route ${at.routeId} gave no number`
    throw new DromedaryError('DROMEDARY_EXPRESSION_FAILED', message)
  }
  return {
    reason(exchange) {
      if (takeSignal(exchange, NAMES.aggregationCompleteCurrentGroup)) return 'strategy'
      if (predicate?.(exchange)) return 'predicate'
      const size = positive(sizeOf?.(exchange)) ?? step.completionSize
      return size !== undefined && sizeOfGroup(exchange) >= size ? 'size' : undefined
    },
    timeout: exchange => positive(timeoutOf?.(exchange)) ?? step.completionTimeout,
  }
}

export const sizeOfGroup = (group: Exchange): number => Number(group.getProperty(NAMES.aggregatedSize) ?? 0)

/** Whether a property or header asks for it; it does so once. */
export function takeSignal(exchange: Exchange, name: string): boolean {
  const asked = exchange.getProperty(name) ?? exchange.message.header(name)
  if (asked === undefined) return false
  exchange.removeProperty(name)
  exchange.message.removeHeader(name)
  return asked === true || asked === 'true'
}

/** Counts the exchanges of a batch, and remembers their groups. Camel: completionFromBatchConsumer. */
export class Batch {
  #keys = new Set<string>()
  #count = 0

  /** The keys of a batch that is through with this exchange. */
  take(key: string, exchange: Exchange): readonly string[] | undefined {
    this.#keys.add(key)
    this.#count++
    const size = Number(exchange.getProperty(NAMES.batchSize) ?? 0)
    const isThrough = exchange.getProperty(NAMES.batchComplete) === true || (size > 0 && this.#count >= size)
    if (!isThrough) return undefined
    const keys = [...this.#keys]
    this.#keys = new Set()
    this.#count = 0
    return keys
  }
}

/** Keys whose groups are complete, and which take nothing more. */
export class ClosedKeys {
  readonly #limit: number | undefined
  readonly #keys = new Set<string>()

  /** Undefined: none is closed; 0: all are remembered; else so many, the oldest are forgotten. */
  constructor(limit: number | undefined) {
    this.#limit = limit
  }

  has(key: string): boolean {
    return this.#limit !== undefined && this.#keys.has(key)
  }

  add(key: string): void {
    if (this.#limit === undefined) return
    this.#keys.delete(key)
    this.#keys.add(key)
    if (this.#limit === 0 || this.#keys.size <= this.#limit) return
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest)
      return
    }
  }
}
