import type { SplitStep } from '../definition/gathering-steps.ts'
import { neverRedelivered } from '../error-handling/failure.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import type { Eip } from './eip.ts'
import { isFunction, resolveRef } from './resolve-ref.ts'
import type { Items } from './split-items.ts'
import { splitPlan } from './split-outcome.ts'
import { ParallelSplit } from './split-parallel.ts'
import { type PartPlan, SplitRun } from './split-run.ts'
import { itemsOf } from './split-source.ts'
import { watermarkOf } from './split-watermark.ts'

/** Splitter: runs its steps once for each item, on copies of the exchange with the item as their body. */
export const split: Eip<'split'> = (step, at) => {
  check(step, at.routeId)
  const source = at.expression(step.expression)
  const options = { ...step, delimiter: at.text(step.delimiter) }
  const plan: PartPlan = {
    ...splitPlan(step, at),
    steps: at.steps(step.steps),
    onPrepare: step.onPrepare && resolveRef(step.onPrepare, at, 'a function that prepares a part', isFunction),
    streaming: step.streaming,
    watermark: watermarkOf(step, at),
  }

  const runParts = (parts: SplitRun): void | Promise<void> =>
    step.parallelProcessing ? new ParallelSplit(parts, step).split() : parts.sequential()
  const run = (exchange: Exchange, items: Items): void | Promise<void> => {
    const parts = new SplitRun(plan, exchange, items)
    return plan.watermark === undefined ? runParts(parts) : parts.skipKnown().then(() => runParts(parts))
  }
  const start = (exchange: Exchange, value: unknown): void | Promise<void> => {
    const items = itemsOf(value, options)
    return items instanceof Promise ? items.then(ready => run(exchange, ready)) : run(exchange, items)
  }
  const processor = (exchange: Exchange) => {
    const value = source(exchange)
    return isThenable(value) ? Promise.resolve(value).then(settled => start(exchange, settled)) : start(exchange, value)
  }
  // The parts have been redelivered each for itself.
  return step.shareUnitOfWork ? neverRedelivered(processor) : processor
}

function check(step: SplitStep, routeId: string): void {
  const { stopOnException, maxFailedRecords, errorThreshold, timeout, parallelProcessing, delimiter } = step
  const wrong = (what: string) => new DromedaryError('DROMEDARY_INVALID_ROUTE', `split in route ${routeId}: ${what}`)
  if (stopOnException && (maxFailedRecords !== undefined || errorThreshold !== undefined)) {
    throw wrong('stopOnException excludes maxFailedRecords and errorThreshold; maxFailedRecords: 1 is the same')
  }
  if ((step.resumeStrategy === undefined) !== (step.watermarkKey === undefined)) {
    throw wrong('resumeStrategy and watermarkKey belong together')
  }
  if (step.watermarkExpression !== undefined && step.watermarkKey === undefined) {
    throw wrong('watermarkExpression needs resumeStrategy and watermarkKey')
  }
  if (timeout > 0 && !parallelProcessing) throw wrong('timeout needs parallelProcessing')
  if (delimiter === '') throw wrong("delimiter is empty; 'false' does not cut texts")
}
