import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheFolder, cacheKey } from '../src/cache.ts'
import { temporaryFolder } from './support/folder.ts'

describe('cacheFolder', () => {
  it('is what DROMEDARY_CACHE says, before XDG_CACHE_HOME, before the home folder', () => {
    expect(cacheFolder({ DROMEDARY_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a')
    expect(cacheFolder({ DROMEDARY_CACHE: '', XDG_CACHE_HOME: '/b' })).toBe('/b/dromedary')
    expect(cacheFolder({})).toBe(join(homedir(), '.cache/dromedary'))
  })
})

describe('cacheKey', () => {
  const keyOf = (first: string, second: string, settings: unknown = []) => {
    const folder = temporaryFolder()
    const files = [join(folder, 'first'), join(folder, 'second')]
    writeFileSync(files[0] ?? '', first)
    writeFileSync(files[1] ?? '', second)
    return cacheKey(files, settings)
  }

  it('is the same for the same content, wherever it lies', () => {
    expect(keyOf('a', 'b')).toBe(keyOf('a', 'b'))
    expect(keyOf('a', 'b')).toMatch(/^[0-9a-f]{16}$/)
  })

  it('changes with each file, with what is in which, and with the settings', () => {
    const keys = [
      keyOf('ab', 'c'),
      keyOf('a', 'bc'),
      keyOf('ab', 'd'),
      keyOf('bb', 'c'),
      keyOf('ab', 'c', ['-race']),
      keyOf('ab\nsecond 1\nc', ''),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
