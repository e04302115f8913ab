import type { IdempotentRepository } from '@dromedary/core'
import { expect } from 'vitest'
import { eventually } from '../../eventually.ts'
import type { ContractCase } from '../contract.ts'
import type { IdempotentClaim, IdempotentFixture } from './fixture.ts'
import { opened } from './opened.ts'

async function another(fixture: IdempotentFixture): Promise<IdempotentRepository> {
  if (!fixture.another) throw new Error('the fixture claims a store that others see, but has no another()')
  return fixture.another()
}

/** What becomes of a key beyond one process. */
export const storeCases: readonly ContractCase<IdempotentFixture, IdempotentClaim>[] = [
  {
    name: 'confirmed keys outlive the process, removed ones do not',
    needs: ['persistent'],
    async run(fixture) {
      const before = await opened(fixture.repository)
      for (const key of ['kept', 'removed']) {
        expect(await before.add(key)).toBe(true)
        await before.confirm(key)
      }
      await before.remove('removed')
      await before.close()
      const after = await opened(await another(fixture))
      expect(await after.contains('kept')).toBe(true)
      expect(await after.add('kept')).toBe(false)
      expect(await after.add('removed')).toBe(true)
      await after.close()
    },
  },
  {
    name: 'what one member does to a key, another one sees',
    needs: ['shared'],
    async run(fixture) {
      const within = fixture.withinMs ?? 5_000
      const one = await opened(fixture.repository)
      const other = await opened(await another(fixture))
      expect(await one.add('a')).toBe(true)
      await one.confirm('a')
      await eventually(() => other.contains('a'), { within })
      expect(await other.add('a')).toBe(false)
      await other.remove('a')
      await eventually(async () => !(await one.contains('a')), { within })
      expect(await one.add('a')).toBe(true)
      await Promise.all([one.close(), other.close()])
    },
  },
]
