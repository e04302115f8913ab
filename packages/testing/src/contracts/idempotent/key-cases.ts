import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { IdempotentClaim, IdempotentFixture } from './fixture.ts'
import { opened } from './opened.ts'

/** What becomes of a key in one process. */
export const keyCases: readonly ContractCase<IdempotentFixture, IdempotentClaim>[] = [
  {
    name: 'a key is new once, and is there from then on, also before it is confirmed',
    async run(fixture) {
      const keys = await opened(fixture.repository)
      expect(await keys.contains('a')).toBe(false)
      expect(await keys.add('a')).toBe(true)
      expect(await keys.contains('a')).toBe(true)
      expect(await keys.add('a')).toBe(false)
      await keys.confirm('a')
      expect(await keys.contains('a')).toBe(true)
      expect(await keys.add('a')).toBe(false)
      await keys.close()
    },
  },
  {
    name: 'a key that was removed is new again, confirmed or not, and others stay',
    async run(fixture) {
      const keys = await opened(fixture.repository)
      for (const key of ['a', 'b', 'c']) expect(await keys.add(key)).toBe(true)
      await keys.confirm('b')
      await keys.remove('a')
      await keys.remove('b')
      expect(await keys.contains('a')).toBe(false)
      expect(await keys.add('a')).toBe(true)
      expect(await keys.add('b')).toBe(true)
      expect(await keys.add('c')).toBe(false)
      await keys.close()
    },
  },
  {
    name: 'removing or confirming twice, or a key that is not there, does no harm',
    async run(fixture) {
      const keys = await opened(fixture.repository)
      await keys.remove('never')
      expect(await keys.add('never')).toBe(true)
      await keys.confirm('never')
      await keys.confirm('never')
      expect(await keys.contains('never')).toBe(true)
      await keys.remove('never')
      await keys.remove('never')
      expect(await keys.contains('never')).toBe(false)
      await keys.close()
    },
  },
  {
    name: 'of many that take one key at once exactly one is told that it is new',
    async run(fixture) {
      const keys = await opened(fixture.repository)
      for (const key of ['one', 'two']) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => keys.add(key)))
        expect(answers.filter(isNew => isNew)).toHaveLength(1)
      }
      await keys.close()
    },
  },
  {
    name: 'keys are told apart by each character, and may be any text',
    async run(fixture) {
      const keys = await opened(fixture.repository)
      const texts = [
        'a',
        'A',
        ' a',
        'a ',
        'a\nb',
        'a/b',
        '../a',
        '%61',
        'ä',
        'a\u0308',
        '🐪',
        '__proto__',
        'x'.repeat(500),
      ]
      for (const text of texts) expect(await keys.add(text), JSON.stringify(text)).toBe(true)
      for (const text of texts) expect(await keys.add(text), JSON.stringify(text)).toBe(false)
      await keys.close()
    },
  },
  {
    name: 'clear() forgets all of them',
    needs: ['clear'],
    async run(fixture) {
      const keys = await opened(fixture.repository)
      await keys.add('a')
      await keys.add('b')
      await keys.confirm('b')
      await fixture.repository.clear?.()
      expect(await keys.add('a')).toBe(true)
      expect(await keys.add('b')).toBe(true)
      await keys.close()
    },
  },
  {
    name: 'holds nothing after stop(), and can be started again',
    async run(fixture) {
      for (const key of ['a', 'b']) {
        const keys = await opened(fixture.repository)
        expect(await keys.add(key)).toBe(true)
        await keys.close()
        expect(fixture.held?.() ?? 0).toBe(0)
      }
    },
  },
]
