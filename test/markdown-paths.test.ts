import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../scripts/run.ts'
import { markdownFiles, pathsIn } from './support/markdown.ts'

it('looks at the Markdown files of packages as well', () => {
  expect(markdownFiles()).toContain('packages/core/README.md')
})

it('sees links, code that is a path, and neither URLs nor patterns', () => {
  const text =
    'See [a](docs/a.md#x), [b](https://b.c/d), `packages/core`, `packages/*/src`, `src/x.ts`, `test/x.ts:12`.'
  expect(pathsIn('README.md', text)).toEqual(['docs/a.md', 'packages/core', 'test/x.ts'])
  // In a package's own file `test/…` may be the user's.
  expect(pathsIn('packages/core/README.md', '[up](../../LICENSE) `test/x.ts`')).toEqual(['LICENSE'])
})

describe.each(markdownFiles())('%s', file => {
  it('names only paths that exist', () => {
    expect(pathsIn(file).filter(path => !existsSync(join(ROOT, path)))).toEqual([])
  })
})
