import { describe, expect, it } from 'vitest'
import { markdownFiles, pages } from '../scripts/markdown/files.ts'
import { anchorsOf, brokenLinks, pathsIn } from '../scripts/markdown/links.ts'

const paths = (file: string, text: string) => pathsIn({ file, text }).map(({ path }) => path)

it('looks at the Markdown files of packages as well', () => {
  expect(markdownFiles()).toContain('packages/core/README.md')
})

it('sees links, code that is a path, and neither URLs nor patterns', () => {
  const text =
    'See [a](docs/a.md#x), [b](https://b.c/d), `packages/core`, `packages/*/src`, `src/x.ts`, `test/x.ts:12`.'
  expect(paths('README.md', text)).toEqual(['docs/a.md', 'packages/core', 'test/x.ts'])
  // In a package's own file `test/…` may be the user's.
  expect(paths('packages/core/README.md', '[up](../../LICENSE) `test/x.ts`')).toEqual(['LICENSE'])
})

it('names headings as GitHub does', () => {
  const text = '# A `b`: c_d\n## Twice\n## Twice\n### [Link](x.md) & more\n```sh\n# none\n```\n'
  expect(anchorsOf({ file: 'x.md', text })).toEqual(['a-b-c_d', 'twice', 'twice-1', 'link--more'])
})

describe.each(pages())('$file', page => {
  it('links only to what is there', () => {
    expect(brokenLinks(page)).toEqual([])
  })
})
