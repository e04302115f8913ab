import { expect, it } from 'vitest'
import { inOrder } from '../src/feed/hanging.ts'

it('ends what hides the positions last: from then on a leader writes again what is open elsewhere', () => {
  const found = ['prices', 'positions', 'dead', 'positions', 'prices'].map((topic, partition) => ({ topic, partition }))
  expect(inOrder(found, 'positions').map(({ topic, partition }) => `${topic}-${partition}`)).toEqual([
    'prices-0',
    'dead-2',
    'prices-4',
    'positions-1',
    'positions-3',
  ])
})
