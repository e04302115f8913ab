import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installInto, type Tarballs } from '../built-form.ts'
import { must, ROOT } from '../run.ts'
import type { Manifest } from '../workspace.ts'
import { chooseDependencies, manifestOf } from './dependencies.ts'
import { lockedVersions } from './locked.ts'
import { prune } from './prune.ts'

/** Which application is built, and to where. */
export interface Build {
  /** Its folder in this workspace. */
  readonly application: string
  /** Made anew; what lay there is gone. */
  readonly out: string
  readonly tarballs: Tarballs
  /** The cluster services that go in, by the names of `cluster.service`. Default: all that the application has. */
  readonly clusters?: readonly string[] | undefined
}

/** Files of an application that it reads when it runs, and its licence. */
const FILES = ['application.yaml', 'LICENSE']

/**
 * Makes the folder that an application is shipped as. It needs Node and nothing else: the sources compiled, the
 * configuration file, and `node_modules` with the packages as they are published, production dependencies only, in the
 * versions that this workspace was tested with. It may be copied anywhere.
 */
export async function buildApplication({ application, out, tarballs, clusters }: Build): Promise<void> {
  const manifest = manifestOf(application)
  const { own, others } = chooseDependencies(manifest, clusters)
  // Outside of the workspace, or pnpm would take it for a part of it.
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-application-'))
  try {
    await installInto(folder, tarballs, {
      own,
      others,
      pinned: lockedVersions(),
      // Plain folders, no links: whoever copies it need not know about them.
      settings: ['nodeLinker: hoisted', 'packageImportMethod: copy'],
    })
    prune(join(folder, 'node_modules'))
    for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) rmSync(join(folder, name))
    await must('tsc', ['-p', application, '--outDir', join(folder, 'dist'), ...AS_AN_APPLICATION])
    // Its dev mode is for the sources.
    rmSync(join(folder, 'dist', 'dev.js'), { force: true })
    writeFileSync(
      join(folder, 'package.json'),
      `${JSON.stringify(shipped(manifest, [...own, ...Object.keys(others)], folder), undefined, 2)}\n`,
    )
    for (const name of FILES) {
      const file = [application, ROOT].map(place => join(place, name)).find(existsSync)
      if (file !== undefined) cpSync(file, join(folder, name))
    }
    replace(folder, out)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Its manifest says how it is started, and which versions are in it. */
function shipped({ name, version, description, license }: Manifest, dependencies: readonly string[], folder: string) {
  const versionOf = (dependency: string): string =>
    JSON.parse(readFileSync(join(folder, 'node_modules', dependency, 'package.json'), 'utf8')).version
  return {
    name,
    version,
    private: true,
    description,
    license,
    type: 'module',
    engines: { node: '>=22.22' },
    scripts: { start: 'exec node dist/main.js' },
    dependencies: Object.fromEntries(dependencies.map(one => [one, versionOf(one)])),
  }
}

/** Never half of it at the place where somebody may start it. */
function replace(folder: string, out: string): void {
  const made = `${out}.new`
  rmSync(made, { recursive: true, force: true })
  cpSync(folder, made, { recursive: true })
  chmodSync(made, 0o755)
  rmSync(out, { recursive: true, force: true })
  renameSync(made, out)
}

/** Nobody imports it: no declarations, no record for the next build. */
const AS_AN_APPLICATION = ['composite', 'declaration', 'declarationMap', 'incremental', 'sourceMap']
  .flatMap(option => [`--${option}`, 'false'])
  .concat('--tsBuildInfoFile', 'null')
