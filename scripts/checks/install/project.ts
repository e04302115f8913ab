import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import type { Tarballs } from '../../built-form.ts'
import { ROOT, run } from '../../run.ts'
import { publishedPackages } from '../../workspace.ts'
import { APP, MAIN } from './programs.ts'

/** Both ways in which projects of today find types. */
const RESOLUTIONS = {
  nodenext: { module: 'nodenext' },
  bundler: { module: 'preserve', moduleResolution: 'bundler' },
}

export interface Project extends Disposable {
  readonly folder: string
}

/** An empty folder outside of the workspace, with a manifest that asks for all tarballs. */
export function project(tarballs: Tarballs): Project {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-install-'))
  const dependencies = Object.fromEntries([...tarballs.files].map(([name, file]) => [name, `file:${file}`]))
  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  write('package.json', { name: 'user', version: '1.0.0', private: true, type: 'module', dependencies })
  write('entries.js', importOfEveryEntry())
  for (const [name, source] of Object.entries({ main: MAIN, app: APP })) {
    write(`${name}.ts`, source)
    write(`${name}.js`, transformSync(source, { loader: 'ts', target: 'node22' }).code)
  }
  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    write(`tsconfig.${name}.json`, { compilerOptions: { ...COMPILER_OPTIONS, ...resolution }, include: ['*.ts'] })
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

const COMPILER_OPTIONS = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  // The published declarations themselves are looked at, not skipped.
  skipLibCheck: false,
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
}

/** Compiles against the published types in each way. What the compiler says, or undefined. */
export async function compile({ folder }: Project): Promise<string | undefined> {
  for (const name of Object.keys(RESOLUTIONS)) {
    const { code, output } = await run('tsc', ['-p', `tsconfig.${name}.json`], { cwd: folder })
    if (code !== 0) return `compiling against the published types under ${name}\n${output}`
  }
  return undefined
}

/** The contract suites of `testing` are left out: they need vitest, which their user brings himself. */
function importOfEveryEntry(): string {
  return publishedPackages()
    .flatMap(({ manifest }) => Object.keys(manifest.exports ?? {}).map(entry => manifest.name + entry.slice(1)))
    .filter(entry => !entry.endsWith('package.json') && !entry.endsWith('/contracts'))
    .map(entry => `await import('${entry}')\n`)
    .join('')
}
