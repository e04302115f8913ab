import { expect, it } from 'vitest'
import { wrongIn } from '../scripts/markdown/check.ts'
import { codeBlocks } from '../scripts/markdown/files.ts'
import { missingFrom } from '../scripts/markdown/output.ts'

/** What `pnpm check docs` says of a page with these lines; the rest of the repository is as it is. */
const wrong = (...lines: string[]) => wrongIn([{ file: 'docs/planted.md', text: `${lines.join('\n')}\n` }])

const ts = (...code: string[]) => ['```ts', ...code, '```']
const ROUTE = "import { from } from '@dromedary/core'"

it('finds blocks with their line, also in a list', () => {
  const text = 'a\n\n```ts not run: why\nx()\n```\n- b\n  ```sh\n  ls\n  ```\n'
  expect(codeBlocks({ file: 'x.md', text })).toEqual([
    { file: 'x.md', line: 4, language: 'ts', note: 'not run: why', code: 'x()\n' },
    { file: 'x.md', line: 8, language: 'sh', note: '', code: 'ls\n' },
  ])
})

it('says nothing of a page that is right', { timeout: 120_000 }, async () => {
  const program = [
    '// main.ts',
    "import { createContext, from } from '@dromedary/core'",
    "import { timer } from '@dromedary/timer'",
    "import { text } from './text.ts'",
    "await createContext({ components: [timer], routes: [from('timer:x?delay=0').log(text)] }).start()",
  ]
  const problems = await wrong(
    ...['```ts text.ts', "export const text = 'Hello from ${routeId}'", '```'],
    ...ts(...program),
    ...['```output', 'INFO  [route1] (… - timer://x) Hello from route1', '```'],
    ...['```sh', 'npx -y pnpm@12 faults file sigkill --quick', 'node main.ts', '```'],
    ...['```yaml', 'cluster:', '  service: file', '  file: { root: x, stale: 8s }', 'mine: 1', '```'],
    ...['```json', '{ "a": 1 }', '```'],
    'See [the first page](../README.md#try-it), `pnpm check docs`.',
  )
  expect(problems).toEqual([])
})

it('compiles each block, with the place in the page', { timeout: 120_000 }, async () => {
  const [only, ...others] = await wrong('A page.', ...ts(ROUTE, "export const a: number = from('direct:a')"))
  expect(others).toEqual([])
  expect(only).toMatch(/^docs\/planted\.md:4: error TS2322: /)
})

it.each([
  ['a program that throws', ["throw new Error('no')"], 'docs/planted.md:2: does not run (1)'],
  [
    'an exported route that cannot start',
    [ROUTE, "export const a = from('tiemr:a').log('x')"],
    'DROMEDARY_UNKNOWN_SCHEME',
  ],
  ['an error in the log', ["console.log('2026-01-01 10:00:00,000 ERROR [a] (Dromedary) bad')"], 'logs an error: '],
])('runs each block: %s', { timeout: 120_000 }, async (_, code, told) => {
  const [only, ...others] = await wrong(...ts(...code))
  expect(others).toEqual([])
  expect(only).toContain(told)
})

it('names the one of several that does not run', { timeout: 120_000 }, async () => {
  const [only, ...others] = await wrong(
    ...ts('console.log(1)'),
    ...ts("throw new Error('no')"),
    ...ts('console.log(3)'),
  )
  expect(others).toEqual([])
  expect(only).toContain('docs/planted.md:5: does not run (1)')
})

it('waits for what a block must print', { timeout: 120_000 }, async () => {
  const [only] = await wrong(...ts("console.log('one')"), '```output', 'two', '```')
  expect(only).toContain('docs/planted.md:2: does not print "two" but\none')
})

it.each([
  ['a note that says nothing', ['```ts not run', 'x()', '```'], '`ts not run: why`'],
  ['a piece without a reason', ['```ts fragment', 'x()', '```'], '`ts fragment: why`'],
  ['a quotation that is none', ['```ts from ../vitest.config.ts', 'nobody()', '```'], 'does not say that'],
  ['a language that nobody looks at', ['```perl', '1', '```'], 'nobody looks at'],
  ['commands that pass for output', ['```', 'npx -y pnpm@12 start', '```'], 'in a block of sh'],
  ['JSON', ['```json', '{ a: 1 }', '```'], 'docs/planted.md:2: '],
  ['YAML', ['```yaml manifest', 'a: [', '```'], 'docs/planted.md:2: '],
  ['an unknown key', ['```yaml', 'cluster.file: { root: x, stael: 5s }', '```'], 'did you mean cluster.file.stale?'],
  ['a value', ['```yaml', 'shutdown: { timeout: soon }', '```'], 'shutdown.timeout="soon"'],
  ['a script', ['`npx -y pnpm@12 strat`'], 'dromedary has no script strat'],
  ['a script of a package', ['```sh', 'npx -y pnpm@12 --filter feed-to-kafka faults', '```'], 'has no script faults'],
  ['a scenario', ['`pnpm faults file sigkil`'], 'no scenario of file is called sigkil'],
  ['a flag', ['`pnpm bench all --fast`'], '--fast'],
  ['a part of the check', ['`pnpm check dox`'], 'check has no part dox'],
  ['a file to run', ['```sh', 'node scripts/dox.ts', '```'], 'scripts/dox.ts does not exist'],
  ['a manifest', ['```sh', '$ kubectl apply -f nothing.yaml', 'applied', '```'], 'nothing.yaml does not exist'],
  ['a command', ['```sh', 'mvn package', '```'], 'mvn is no command'],
  ['a code', ['`DROMEDARY_UNKNOWN_SCHEM`'], 'no error has the code DROMEDARY_UNKNOWN_SCHEM'],
  ['a link', ['[x](nowhere.md)'], 'docs/nowhere.md does not exist'],
  ['a heading', ['[x](../README.md#nowhere)'], 'README.md has no heading #nowhere'],
])('finds what is wrong with %s', { timeout: 120_000 }, async (_, lines, told) => {
  const [only, ...others] = await wrong(...lines)
  expect(others).toEqual([])
  expect(only).toContain(told)
})

it('compares output line by line, in order, with gaps', () => {
  expect(missingFrom('a 1\nb 2\n', '…1\nb …\n')).toBeUndefined()
  expect(missingFrom('b 2\na 1\n', 'a …\nb …\n')).toBe('b …')
  expect(missingFrom('10:00 a.b\n', 'a.b\n')).toBeUndefined()
  expect(missingFrom('axb\n', 'a.b\n')).toBe('a.b')
})
