import { expect, it } from 'vitest'
import { createLogger } from '../src/logger.ts'

it('a sink that throws costs lines, nothing else', () => {
  const broken = createLogger(
    {
      isEnabled: level => {
        if (level === 'debug') throw new Error('no')
        return true
      },
      write: () => {
        throw new Error('disk full')
      },
    },
    'c',
  )
  expect(() => broken.error('x')).not.toThrow()
  expect(broken.isEnabled('debug')).toBe(false)
  expect(() => broken.debug('x')).not.toThrow()
})
