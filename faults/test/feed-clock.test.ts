import { systemClock } from '@dromedary/core'
import { expect, it, vi } from 'vitest'
import { FeedClock } from '../src/feed/feed-clock.ts'

it('stands still once it is told to, and goes with the machine before', () => {
  const clock = new FeedClock()
  vi.spyOn(systemClock, 'monotonic').mockReturnValueOnce(1).mockReturnValueOnce(2).mockReturnValue(9)
  expect(clock.monotonic()).toBe(1)
  clock.stop()
  expect(clock.monotonic()).toBe(2)
  clock.stop()
  expect(clock.monotonic()).toBe(2)
})

it('has patience with clients and keeps its pace', () => {
  const set = vi.spyOn(systemClock, 'setTimeout').mockReturnValue({ cancel: () => {}, unref: () => {} } as never)
  const clock = new FeedClock()
  clock.setTimeout(() => {}, 5)
  clock.setTimeout(() => {}, 100)
  expect(set.mock.calls.map(([, ms]) => ms)).toEqual([5, 20_000])
})
