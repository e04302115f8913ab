import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleAll } from './bundle.ts'
import { must, pnpm, ROOT } from './run.ts'
import { publishedPackages } from './workspace.ts'

/** Tarballs as they would be published, by package name. */
export interface Tarballs extends Disposable {
  readonly files: ReadonlyMap<string, string>
}

/** Builds every package and packs it: the exports of `publishConfig`, versions instead of `workspace:`. */
export async function packAll(): Promise<Tarballs> {
  await must('tsc', ['-b', ...publishedPackages().map(one => one.folder)])
  await bundleAll()
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-tarballs-'))
  await pnpm(['-r', '--filter', './packages/*', 'pack', '--pack-destination', folder])
  const files = new Map<string, string>()
  for (const { manifest } of publishedPackages()) {
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    files.set(manifest.name, join(folder, file))
  }
  return { files, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A folder outside the workspace, into which packages were installed as a user would. */
export interface Installed extends Disposable {
  readonly folder: string
}

/** Installs tarballs, and packages of the registry beside them, into a fresh folder: production dependencies only. */
export async function install(
  tarballs: Tarballs,
  names: readonly string[],
  others: Readonly<Record<string, string>> = {},
): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-built-'))
  const local = (name: string) => {
    const file = tarballs.files.get(name)
    if (file === undefined) throw new Error(`no package of this workspace is called ${name}`)
    return `file:${file}`
  }
  const dependencies = { ...Object.fromEntries(names.map(name => [name, local(name)])), ...others }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'built', private: true, type: 'module', dependencies }),
  )
  const overrides = [...tarballs.files.keys()].map(name => `  '${name}': '${local(name)}'`)
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), ['overrides:', ...overrides, ''].join('\n'))
  await pnpm(['install', '--prod', '--no-frozen-lockfile', '--ignore-scripts', '--config.pmOnFail=ignore'], {
    cwd: folder,
  })
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The leader-election example in its built form: compiled, with its files, beside the installed tarballs. */
export async function builtExample(tarballs: Tarballs): Promise<Installed & { readonly main: string }> {
  const example = join(ROOT, 'examples/leader-election')
  const manifest = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  const own = (name: string) => name.startsWith('@dromedary/')
  const wanted: Record<string, string> = manifest.dependencies
  const others = Object.fromEntries(Object.entries(wanted).filter(([name]) => !own(name)))
  const installed = await install(tarballs, Object.keys(wanted).filter(own), others)
  const dist = join(installed.folder, 'dist')
  await must('tsc', ['-p', example, '--outDir', dist, ...AS_AN_APPLICATION])
  for (const entry of readdirSync(example, { withFileTypes: true })) {
    if (!entry.isFile() || ['package.json', 'tsconfig.json'].includes(entry.name)) continue
    cpSync(join(example, entry.name), join(installed.folder, entry.name))
  }
  return { ...installed, main: join(dist, 'main.js') }
}

/** Nobody imports it: no declarations, no record for the next build. */
const AS_AN_APPLICATION = ['composite', 'declaration', 'declarationMap', 'incremental']
  .flatMap(option => [`--${option}`, 'false'])
  .concat('--tsBuildInfoFile', 'null')
