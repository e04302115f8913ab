import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleAll } from './bundle.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { must, pnpm } from './run.ts'
import { publishedPackages } from './workspace.ts'

/** Tarballs as they would be published, by package name. */
export interface Tarballs extends Disposable {
  readonly files: ReadonlyMap<string, string>
}

/** Builds every package and packs it: the exports of `publishConfig`, versions instead of `workspace:`. */
export async function packAll(): Promise<Tarballs> {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-tarballs-'))
  await oneAtATime('pack', async () => {
    await must('tsc', ['-b', ...publishedPackages().map(one => one.folder)])
    await bundleAll()
    await pnpm(['-r', '--filter', './packages/*', 'pack', '--pack-destination', folder])
  })
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

/** What {@link installInto} puts into a folder. */
export interface Wanted {
  /** Packages of this workspace. */
  readonly own: readonly string[]
  /** Packages of the registry: ranges by name. */
  readonly others?: Readonly<Record<string, string>>
  /** Exact versions of packages of the registry, wherever they are needed. */
  readonly pinned?: Readonly<Record<string, string>>
  /** Settings of pnpm, lines of `pnpm-workspace.yaml`. */
  readonly settings?: readonly string[]
}

/** Installs tarballs, and packages of the registry beside them, into a fresh folder: production dependencies only. */
export async function install(
  tarballs: Tarballs,
  own: readonly string[],
  others: Readonly<Record<string, string>> = {},
): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-built-'))
  await installInto(folder, tarballs, { own, others })
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The same into a folder that is there, and is outside of any workspace. */
export async function installInto(folder: string, tarballs: Tarballs, wanted: Wanted): Promise<void> {
  const { own, others = {}, pinned = {}, settings = [] } = wanted
  const local = (name: string) => {
    const file = tarballs.files.get(name)
    if (file === undefined) throw new Error(`no package of this workspace is called ${name}`)
    return `file:${file}`
  }
  const dependencies = { ...Object.fromEntries(own.map(name => [name, local(name)])), ...others }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'built', private: true, type: 'module', dependencies }),
  )
  const overrides = Object.entries(pinned).concat([...tarballs.files.keys()].map(name => [name, local(name)]))
  const lines = overrides.map(([name, version]) => `  '${name}': '${version}'`)
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), [...settings, 'overrides:', ...lines, ''].join('\n'))
  await pnpm(['install', '--prod', '--no-frozen-lockfile', '--ignore-scripts', '--config.pmOnFail=ignore'], {
    cwd: folder,
  })
}
