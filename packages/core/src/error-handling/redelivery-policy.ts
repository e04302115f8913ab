import type { RedeliveryPolicy } from '../definition/error-handler.ts'
import { DromedaryError } from '../errors.ts'
import type { Predicate } from '../language/language.ts'

/** When a failed step is tried again: a policy, ready for use. */
export interface RedeliveryRule {
  readonly policy: RedeliveryPolicy
  /** Asked before each try instead of the maximum. */
  readonly retryWhile: Predicate | undefined
  /** The wait before a try, in milliseconds, worked out from its number (from 1) and the wait before the try before it. */
  delay(attempt: number, last: number): number
}

export function redeliveryRule(
  policy: RedeliveryPolicy,
  random: () => number,
  retryWhile?: Predicate | undefined,
): RedeliveryRule {
  return { policy, retryWhile, delay: delayRule(policy, random) }
}

function delayRule(policy: RedeliveryPolicy, random: () => number): (attempt: number, last: number) => number {
  const steps = policy.delayPattern === undefined ? undefined : parsePattern(policy.delayPattern)
  if (steps) {
    return attempt => steps.findLast(step => attempt >= step.from)?.ms ?? policy.redeliveryDelay
  }
  return (attempt, last) => {
    let ms = policy.redeliveryDelay
    if (policy.useExponentialBackOff && attempt > 1) ms = last * policy.backOffMultiplier
    if (policy.useCollisionAvoidance) ms *= 1 + policy.collisionAvoidanceFactor * (2 * random() - 1)
    return Math.min(ms, policy.maximumRedeliveryDelay)
  }
}

/** `0:1000;5:5000`: in ascending order of the try from which on they hold. */
export function parsePattern(pattern: string): readonly { readonly from: number; readonly ms: number }[] {
  return pattern
    .split(';')
    .filter(part => part.trim() !== '')
    .map(part => {
      const match = /^\s*(\d+)\s*:\s*(\d+)\s*$/.exec(part)
      if (match === null) {
        throw new DromedaryError(
          'DROMEDARY_INVALID_OPTION',
          `delayPattern ${pattern} is broken at "${part}": write attempt:milliseconds;attempt:milliseconds`,
        )
      }
      return { from: Number(match[1]), ms: Number(match[2]) }
    })
    .sort((a, b) => a.from - b.from)
}
