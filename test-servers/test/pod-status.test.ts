import { expect, it } from 'vitest'
import { wholeSeconds } from '../src/kubernetes/objects.ts'
import { withReady } from '../src/kubernetes/pod-status.ts'

it('cuts times off to whole seconds', () => {
  expect(wholeSeconds(new Date('2026-11-26T10:00:00.900Z'))).toBe('2026-11-26T10:00:00Z')
  expect(wholeSeconds('2026-11-26T10:00:00.900+01:00')).toBe('2026-11-26T09:00:00Z')
})

it('gives a condition a new time only when it changes', () => {
  const spec = { containers: [] }
  const conditions = withReady({ metadata: {}, spec }, true, '2026-11-26T10:00:00Z')
  const later = withReady({ metadata: {}, spec, status: { conditions } }, false, '2026-11-26T11:00:00Z')
  expect(Object.fromEntries(later.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]))).toEqual({
    PodScheduled: '2026-11-26T10:00:00Z',
    Initialized: '2026-11-26T10:00:00Z',
    ContainersReady: '2026-11-26T11:00:00Z',
    Ready: '2026-11-26T11:00:00Z',
  })
})
