import type { FakeClock } from '@dromedary/testing'

/** Lets time pass until the promise is settled: what it came to, an error as well, or `waits` after `ms`. */
export async function within<T>(clock: FakeClock, promise: Promise<T>, ms = 60_000): Promise<T | 'waits'> {
  let result: T | 'waits' = 'waits'
  const take = (value: T) => {
    result = value
  }
  promise.then(take, take)
  await clock.advance(0)
  for (let gone = 0; gone < ms && result === 'waits'; gone += 10) await clock.advance(10)
  return result
}
