import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ROOT, run } from '../scripts/run.ts'
import { workspacePackages } from '../scripts/workspace.ts'
import { codeBlocks, markdownFiles } from './support/markdown.ts'

const CACHE = join(ROOT, '.cache')
mkdirSync(CACHE, { recursive: true })
const folder = mkdtempSync(join(CACHE, 'markdown-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('finds blocks with their line, also in a list', () => {
  const text = 'a\n\n```ts\nx()\n```\n- b\n  ```sh\n  ls\n  ```\n'
  expect(codeBlocks('x.md', text)).toEqual([
    { file: 'x.md', line: 4, language: 'ts', code: 'x()\n' },
    { file: 'x.md', line: 8, language: 'sh', code: 'ls\n' },
  ])
})

/** Each block is a file of its own, so it carries its imports: whoever copies it has something that runs. Pieces say `ts fragment`. */
it('has no block of TypeScript in its Markdown that does not compile', { timeout: 120_000 }, async () => {
  const blocks = markdownFiles()
    .flatMap(file => codeBlocks(file))
    .filter(block => block.language === 'ts')
  const places = new Map<string, string>()
  for (const [i, block] of blocks.entries()) {
    const file = `block-${i}.ts`
    // The code keeps its line numbers, so that the compiler's places are those of the Markdown file.
    writeFileSync(join(folder, file), '\n'.repeat(block.line - 1) + block.code)
    places.set(file, block.file)
  }
  if (blocks.length === 0) return
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(projectFor()))
  const { code, output } = await run('tsc', ['-p', folder, '--pretty', 'false'])
  const named = output.replaceAll(/[^\s(]*(block-\d+\.ts)/g, (_, file) => places.get(basename(file)) ?? file)
  expect(named.trim()).toBe('')
  expect(code).toBe(0)
})

/** The packages by name, as an installed project would find them. */
function projectFor(): object {
  const paths: Record<string, string[]> = {}
  for (const { folder: at, manifest } of workspacePackages()) {
    for (const [entry, source] of Object.entries(manifest.exports ?? {})) {
      if (String(source).endsWith('.ts')) paths[manifest.name + entry.slice(1)] = [join(ROOT, at, String(source))]
    }
    for (const name of Object.keys(manifest.dependencies ?? {})) paths[name] ??= [join(ROOT, at, 'node_modules', name)]
  }
  return {
    extends: join(ROOT, 'tsconfig.tests.json'),
    compilerOptions: {
      paths,
      moduleDetection: 'force',
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    },
    include: ['*.ts'],
  }
}
