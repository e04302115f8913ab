import { type Clock, messageOf, sleep, systemClock } from '@dromedary/core'

export interface EventuallyOptions {
  /** Gives up after this, milliseconds. Default 20,000: a busy machine is no failure. */
  readonly within?: number
  /** Time between two tries, milliseconds. Default 10. */
  readonly every?: number
  /** Default: the machine's. Under a fake clock let somebody advance it. */
  readonly clock?: Clock
}

/**
 * For tests on real time: tries until `check` neither throws nor returns false, and gives back what it returned.
 * Throws what the last try threw once the time is up.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { within = 20_000, every = 10, clock = systemClock } = options
  const end = clock.monotonic() + within
  for (;;) {
    const failure = await attempt(check)
    if ('value' in failure) return failure.value
    if (clock.monotonic() >= end) {
      throw new Error(`not within ${within} ms: ${messageOf(failure.error)}`, { cause: failure.error })
    }
    await sleep(clock, every)
  }
}

async function attempt<T>(check: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    const value = await check()
    return value === false ? { error: new Error('still false') } : { value }
  } catch (error) {
    return { error }
  }
}
