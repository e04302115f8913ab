import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eips } from '../packages/core/src/eip/table.ts'
import { FUNCTIONS } from '../packages/core/src/language/simple/functions/table.ts'
import { interfaceIn, parametersOf } from '../scripts/docs/interfaces.ts'
import { generatedPages, stalePages } from '../scripts/docs/pages.ts'
import { ROOT } from '../scripts/run.ts'

it('has a page for every component and one for the errors', async () => {
  const pages = await generatedPages()
  for (const scheme of ['direct', 'log', 'mock', 'timer', 'master']) {
    expect([...pages.keys()]).toContain(`docs/reference/components/${scheme}.md`)
  }
  expect(pages.get('docs/reference/errors.md')).toContain('`DROMEDARY_UNKNOWN_SCHEME`')
})

it('has every verb and every function of Simple', async () => {
  const pages = await generatedPages()
  for (const verb of Object.keys(eips)) expect(pages.get('docs/reference/eips.md')).toContain(`\`${verb}(`)
  for (const name of FUNCTIONS.keys()) expect(pages.get('docs/reference/simple.md')).toContain(name)
})

it('says of no verb that it is not there which is', () => {
  const missing = /^\| verbs \|[^|]*\|([^|]*)\|$/m.exec(
    readFileSync(join(ROOT, 'docs/coming-from-camel.md'), 'utf8'),
  )?.[1]
  expect(missing).toContain('`multicast`')
  for (const verb of Object.keys(eips)) expect(missing).not.toContain(`\`${verb}\``)
})

it('has the keys of main with their defaults, but for one that is made anew each time', async () => {
  const page = (await generatedPages()).get('docs/reference/configuration.md')
  expect(page).toContain('| `shutdown.timeout` | duration | `45s` |')
  expect(page).toContain('| `node.id` | string |  |')
})

it('reads interfaces as the formatter writes them', () => {
  const source = [
    '/** Two verbs. */',
    'export interface Verbs<in out S extends State> {',
    '  /** Splits. */',
    '  split<const O extends Options<{ a: 1 }>>(',
    '    expression: (a: 1, b: 2) => void,',
    '    options?: O,',
    '  ): At<S>',
    '  readonly plain: boolean',
    '}',
    '',
    'type Other = z.input<typeof x> & {',
    '  /** Called',
    '   * once. */',
    '  readonly hook?: string',
    '}',
  ].join('\n')
  const verbs = interfaceIn(source, 'Verbs')
  expect(verbs?.doc).toBe('Two verbs.')
  expect(verbs?.members.map(({ name, doc }) => [name, doc])).toEqual([
    ['split', 'Splits.'],
    ['plain', ''],
  ])
  expect(parametersOf(verbs?.members[0]?.type ?? '')).toEqual(['expression', 'options?'])
  expect(interfaceIn(source, 'Other')?.members).toEqual([{ name: 'hook', type: 'string', doc: 'Called once.' }])
})

it('keeps the generated pages fresh (else: node scripts/docs.ts)', async () => {
  expect(await stalePages()).toEqual([])
})
