import { expect, it } from 'vitest'
import { onAbort, sleep, systemClock } from '../src/clock.ts'

/** Counts what is really registered with the signal. */
function counted() {
  const abort = new AbortController()
  const { signal } = abort
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }
  return { abort, signal, listeners: () => listeners }
}

it('however many wait on one signal, it has one listener, and none when the last is through', async () => {
  const { signal, listeners } = counted()
  const waits = Array.from({ length: 1000 }, () => sleep(systemClock, 1, signal))
  expect(listeners()).toBe(1)
  expect(new Set(await Promise.all(waits))).toEqual(new Set([true]))
  expect(listeners()).toBe(0)
})

it('an abort ends every wait, and not those that were taken back', async () => {
  const { abort, signal } = counted()
  const waits = Array.from({ length: 10 }, () => sleep(systemClock, 60_000, signal))
  const forget = onAbort(signal, () => {
    throw new Error('was taken back')
  })
  forget()
  abort.abort()
  expect(new Set(await Promise.all(waits))).toEqual(new Set([false]))
  expect(await sleep(systemClock, 60_000, signal)).toBe(false)
})
