import { expect, it } from 'vitest'
import { filesIn } from '../scripts/checks/authors/extract.ts'

it('takes the blocks that are headed by a path for files, and no others', () => {
  const text = '```ts src/a.ts\na()\n```\n```json package.json\n{}\n```\n```ts fragment\nno()\n```\n```ts\nno()\n```\n'
  expect([...filesIn('x.md', text)]).toEqual([
    ['src/a.ts', 'a()\n'],
    ['package.json', '{}\n'],
  ])
})

it('refuses two blocks of one path', () => {
  const block = '```ts src/a.ts\n```\n'
  expect(() => filesIn('x.md', block + block)).toThrow('x.md:4 has a second block of src/a.ts')
})

it.each(['docs/writing-a-component.md', 'docs/writing-a-cluster-service.md'])(
  'finds a whole package in %s',
  document => {
    const paths = [...filesIn(document).keys()]
    expect(paths).toEqual(
      expect.arrayContaining(['package.json', 'tsconfig.json', 'src/index.ts', 'test/contract.test.ts']),
    )
  },
)
