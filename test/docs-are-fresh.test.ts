import { expect, it } from 'vitest'
import { generatedPages, stalePages } from '../scripts/docs/pages.ts'

it('has a page for every component and one for the errors', async () => {
  const pages = await generatedPages()
  for (const scheme of ['direct', 'log', 'mock', 'timer', 'master']) {
    expect([...pages.keys()]).toContain(`docs/reference/components/${scheme}.md`)
  }
  expect(pages.get('docs/reference/errors.md')).toContain('`DROMEDARY_UNKNOWN_SCHEME`')
})

it('keeps the generated pages fresh (else: node scripts/docs.ts)', async () => {
  expect(await stalePages()).toEqual([])
})
