import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import type { Tarballs } from '../../built-form.ts'
import { ROOT, run } from '../../run.ts'
import { publishedPackages } from '../../workspace.ts'

/** What a user would write: routes that the compiler checks, a delegate that only a leader runs, a lock in a folder. */
const MAIN = `import { createFileClusterService } from '@dromedary/cluster-file'
import { createContext, direct, routes } from '@dromedary/core'
import { master } from '@dromedary/master'
import { timer } from '@dromedary/timer'

const { from } = routes({ timer, master, direct })
// @ts-expect-error: the types reach the text of the URI
from('timer:hello?perid=1s')

const greeted = Promise.withResolvers<unknown>()
const context = createContext({
  components: [timer, master],
  cluster: createFileClusterService({ root: process.cwd() + '/cluster' }),
  routes: [
    from('master:jobs:timer:hello?delay=0&repeatCount=1').setBody('World').to('direct:greet'),
    from('direct:greet').transform('Hello \${body}').process(exchange => greeted.resolve(exchange.body)),
  ],
})
await context.start()
const greeting = await greeted.promise
await context.stop()
if (greeting !== 'Hello World') throw new Error(String(greeting))
`

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
  write('main.ts', MAIN)
  write('main.js', transformSync(MAIN, { loader: 'ts', target: 'node22' }).code)
  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    write(`tsconfig.${name}.json`, { compilerOptions: { ...COMPILER_OPTIONS, ...resolution }, include: ['main.ts'] })
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
