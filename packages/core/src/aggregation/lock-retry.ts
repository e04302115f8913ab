import { sleep } from '../clock.ts'
import type { OptimisticLockRetryPolicy } from '../definition/gathering-steps.ts'
import type { StepCompiler } from '../eip/eip.ts'
import { isDromedaryError } from '../errors.ts'

/** Does it again where another member was quicker (`DROMEDARY_OPTIMISTIC_LOCK`), after a wait; rethrows the last refusal. */
export function lockRetry(policy: OptimisticLockRetryPolicy, { clock, random }: StepCompiler) {
  const { maximumRetries, retryDelay, maximumRetryDelay, exponentialBackOff, randomBackOff } = policy
  const longest = maximumRetryDelay === 0 ? Number.POSITIVE_INFINITY : maximumRetryDelay
  const delay = (attempt: number): number => {
    if (randomBackOff) return random() * (maximumRetryDelay === 0 ? retryDelay : maximumRetryDelay)
    return Math.min(longest, exponentialBackOff ? retryDelay * 2 ** (attempt - 1) : retryDelay)
  }
  return async <T>(work: () => T | PromiseLike<T>, signal: AbortSignal): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (!isDromedaryError(error, 'DROMEDARY_OPTIMISTIC_LOCK')) throw error
        if (maximumRetries !== 0 && attempt > maximumRetries) throw error
        if (!(await sleep(clock, delay(attempt), signal))) throw error
      }
    }
  }
}
