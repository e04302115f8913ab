import type { ErrorHandler } from '../error-handling/error-handler.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { StepWatch } from './events.ts'
import { isThenable } from './thenable.ts'

/** What the pipeline runs: the step's processor with its id. */
export interface CompiledStep {
  readonly id: string
  readonly run: Processor
}

/**
 * Pipes and Filters: each step gets the message as the step before left it. Loops without a promise while steps return
 * no thenable. One try around the loop: `catch` knows the index, so only the step that failed is redelivered, and
 * nothing is paid until something throws. Without a handler it throws.
 */
export function pipeline(
  steps: readonly CompiledStep[],
  handler: ErrorHandler | undefined,
  watch: StepWatch,
): Processor {
  const runs = steps.map(step => step.run)
  const ids = steps.map(step => step.id)
  const count = runs.length

  const run = (exchange: Exchange, from: number): void | Promise<void> => {
    let at = from
    for (;;) {
      try {
        for (; at < count; at++) {
          const result = (runs[at] as Processor)(exchange)
          if (result !== undefined && isThenable(result)) return suspended(exchange, at, result)
          if (exchange.halt !== 0) return
        }
        return
      } catch (error) {
        if (handler === undefined) throw error
        const recovery = handler.failed(exchange, runs[at] as Processor, ids[at] as string, error)
        if (recovery !== undefined) return resumed(exchange, at, recovery)
        if (exchange.halt !== 0) return
        at++
      }
    }
  }

  const onwards = (exchange: Exchange, at: number): void | Promise<void> => {
    if (exchange.halt === 0) return run(exchange, at + 1)
  }

  // By `then`, not as async functions: each exchange in flight would hold on to the frame of one.
  const suspended = (exchange: Exchange, at: number, pending: PromiseLike<unknown>): Promise<void> => {
    exchange.suspendedAt = ids[at]
    const next = () => onwards(exchange, at)
    if (handler === undefined) return Promise.resolve(pending).then(next)
    return Promise.resolve(pending).then(next, error => {
      const recovery = handler.failed(exchange, runs[at] as Processor, ids[at] as string, error)
      return recovery === undefined ? next() : recovery.then(next)
    })
  }

  const resumed = (exchange: Exchange, at: number, recovery: Promise<void>): Promise<void> => {
    exchange.suspendedAt = ids[at]
    return recovery.then(() => onwards(exchange, at))
  }

  /** The twin that tells of each step; taken only while somebody listens. */
  const watched = async (exchange: Exchange): Promise<void> => {
    for (let at = 0; at < count && exchange.halt === 0; at++) {
      const id = ids[at] as string
      const started = watch.stepStarted(exchange, id)
      exchange.suspendedAt = id
      let failure: unknown
      try {
        await (runs[at] as Processor)(exchange)
      } catch (error) {
        failure = error
        if (handler === undefined) throw error
        await handler.failed(exchange, runs[at] as Processor, id, error)
      } finally {
        watch.stepEnded(exchange, id, started, failure)
      }
    }
  }

  return exchange => (watch.active ? watched(exchange) : run(exchange, 0))
}
