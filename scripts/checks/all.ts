import { stalePages } from '../docs/pages.ts'
import { run } from '../run.ts'
import { authors } from './authors.ts'
import { install } from './install.ts'
import { packageFormat } from './package-format.ts'

/** One part of `pnpm check`. */
export interface Check {
  readonly name: string
  /** What it looks at, in a few words. */
  readonly about: string
  /** What is wrong, for people; undefined when nothing is. May reject instead. */
  run(): Promise<string | undefined>
}

export const checks: readonly Check[] = [
  { name: 'lint', about: 'biome', run: () => command('biome', ['check', '.']) },
  { name: 'types', about: 'sources and tests', run: types },
  { name: 'tests', about: 'vitest, repository rules included', run: () => command('vitest', ['run']) },
  { name: 'docs', about: 'generated pages, links, commands; blocks compile and run', run: docs },
  {
    name: 'packages',
    about: 'the tarballs: fields, files, publint, are-the-types-wrong; a dry run of publishing',
    run: packageFormat,
  },
  { name: 'install', about: 'the tarballs with npm, pnpm and yarn, on Node 22, 24 and 26', run: install },
  { name: 'authors', about: 'packages built from the documents for their authors', run: authors },
]

async function types(): Promise<string | undefined> {
  return (await command('tsc', ['-b'])) ?? (await command('tsc', ['-p', 'tsconfig.tests.json']))
}

async function docs(): Promise<string | undefined> {
  const stale = (await stalePages()).map(page => `${page}: stale; run node scripts/docs.ts`)
  // It loads every package; the other parts need none.
  const [{ wrongIn }, { pages }] = await Promise.all([import('../markdown/check.ts'), import('../markdown/files.ts')])
  const problems = [...stale, ...(await wrongIn(pages()))]
  return problems.length === 0 ? undefined : problems.join('\n')
}

async function command(name: string, args: readonly string[]): Promise<string | undefined> {
  const { code, output } = await run(name, args)
  return code === 0 ? undefined : output
}
