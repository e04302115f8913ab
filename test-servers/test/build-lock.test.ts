import { existsSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { oneAtATime } from '../src/build-lock.ts'
import { temporaryFolder } from './support/folder.ts'

it('lets the second wait for the first, and says so once', async () => {
  const lock = join(temporaryFolder(), 'lock')
  const order: string[] = []
  const first = Promise.withResolvers<void>()
  const told = Promise.withResolvers<void>()
  const waiting = vi.fn(() => told.resolve())
  const one = oneAtATime(lock, waiting, async () => {
    order.push('one begins')
    await first.promise
    order.push('one ends')
  })
  const two = oneAtATime(lock, waiting, async () => {
    order.push('two')
  })
  await told.promise
  first.resolve()
  await Promise.all([one, two])
  expect(order).toEqual(['one begins', 'one ends', 'two'])
  expect(waiting).toHaveBeenCalledTimes(1)
  expect(existsSync(lock)).toBe(false)
})

it('takes a lock that nobody has touched for half a minute', async () => {
  const lock = join(temporaryFolder(), 'lock')
  const waiting = vi.fn()
  writeFileSync(lock, '')
  const old = Date.now() / 1000 - 31
  utimesSync(lock, old, old)
  expect(await oneAtATime(lock, waiting, async () => 'built')).toBe('built')
  expect(waiting).not.toHaveBeenCalled()
})

it('gives the lock back after a failure', async () => {
  const lock = join(temporaryFolder(), 'lock')
  await expect(oneAtATime(lock, vi.fn(), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(lock)).toBe(false)
})

it('rejects where no lock can be made', async () => {
  await expect(oneAtATime(join(temporaryFolder(), 'nowhere/lock'), vi.fn(), vi.fn())).rejects.toThrow('ENOENT')
})
