import { type IdempotentRepository, memoryIdempotentRepository } from '@dromedary/core'
import { describe, expect, it } from 'vitest'
import { type IdempotentFixture, idempotentRepositoryCases } from '../src/contracts.ts'

/** Keys that outlive a repository, and may be seen by several. */
class Store {
  readonly kept = new Map<string, 'taken' | 'confirmed'>()
  #open = 0

  get open(): number {
    return this.#open
  }

  repository(change: Partial<IdempotentRepository> = {}): IdempotentRepository {
    const { kept } = this
    return {
      async add(key) {
        if (kept.has(key)) return false
        kept.set(key, 'taken')
        return true
      },
      contains: async key => kept.has(key),
      remove: async key => void kept.delete(key),
      confirm: async key => void (kept.has(key) && kept.set(key, 'confirmed')),
      clear: () => kept.clear(),
      start: () => void this.#open++,
      stop: () => void this.#open--,
      ...change,
    }
  }

  /** What a process that died leaves behind. */
  forgetTaken(): void {
    for (const [key, state] of this.kept) if (state === 'taken') this.kept.delete(key)
  }
}

type Change = (store: Store) => Partial<IdempotentRepository>

function fixture(change: Change = () => ({})): IdempotentFixture {
  const store = new Store()
  return {
    repository: store.repository(change(store)),
    another: () => {
      if (store.open === 0) store.forgetTaken()
      return store.repository(change(store))
    },
    withinMs: 20,
    held: () => store.open,
  }
}

async function failing(change: Change): Promise<string[]> {
  const names: string[] = []
  for (const one of idempotentRepositoryCases) await one.run(fixture(change)).catch(() => void names.push(one.name))
  return names
}

describe('the idempotent repository contract', () => {
  it('is passed by a repository in order, asynchronous and shared', async () => {
    expect(await failing(() => ({}))).toEqual([])
  })

  it.each<[string, Change, RegExp]>([
    ['a key that is new twice', () => ({ add: async () => true }), /new once/],
    [
      'a race between looking and taking',
      ({ kept }) => ({
        add: async key => {
          const isNew = !kept.has(key)
          await Promise.resolve()
          kept.set(key, 'taken')
          return isNew
        },
      }),
      /exactly one/,
    ],
    ['a key that cannot be removed', () => ({ remove: () => {} }), /new again/],
    ['one that removes all instead of one', ({ kept }) => ({ remove: () => kept.clear() }), /others stay/],
    [
      'keys without regard to case',
      ({ kept }) => ({ add: key => !kept.has(key.toLowerCase()) && Boolean(kept.set(key.toLowerCase(), 'taken')) }),
      /each character/,
    ],
    ['clear() that leaves keys', () => ({ clear: () => {} }), /forgets all/],
    ['a stop() that leaves something open', () => ({ stop: () => {} }), /holds nothing/],
    ['a confirm() that is not kept', () => ({ confirm: () => {} }), /outlive/],
    [
      'members that do not see each other',
      () => {
        const { add, contains, remove } = memoryIdempotentRepository()
        return { add, contains, remove }
      },
      /another one sees/,
    ],
  ])('catches %s', async (_, change, name) => {
    expect(await failing(change)).toEqual(expect.arrayContaining([expect.stringMatching(name)]))
  })
})
