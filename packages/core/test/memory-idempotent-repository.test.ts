import { expect, it } from 'vitest'
import { idempotentRepositoryContract } from '../../testing/src/contracts.ts'
import { createContext, memoryIdempotentRepository } from '../src/index.ts'

idempotentRepositoryContract({
  name: 'memory',
  create: async () => ({ repository: memoryIdempotentRepository() }),
  claims: {
    clear: true,
    persistent: 'its keys live in this process',
    shared: 'its keys live in this process',
  },
})

const exchange = createContext({ routes: [] }).template.createExchange()

it('forgets the key that was not used for the longest time', () => {
  const repository = memoryIdempotentRepository({ cacheSize: 3 })
  for (const key of ['a', 'b', 'c']) repository.add(key, exchange)
  repository.contains('a', exchange)
  repository.add('b', exchange)
  repository.add('d', exchange)
  expect(['a', 'b', 'c', 'd'].map(key => repository.contains(key, exchange))).toEqual([true, true, false, true])
  expect(repository.size).toBe(3)
})

it('keeps 1000 keys unless told otherwise', () => {
  const repository = memoryIdempotentRepository()
  for (let n = 0; n < 1001; n++) repository.add(`key ${n}`, exchange)
  expect(repository.size).toBe(1000)
  expect(repository.contains('key 0', exchange)).toBe(false)
})

it.each([0, -1, 1.5, Number.NaN])('refuses a cacheSize of %d', cacheSize => {
  expect(() => memoryIdempotentRepository({ cacheSize })).toThrow(/cacheSize must be a whole number from 1 on/)
})
