import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { oneAtATime } from './one-at-a-time.ts'
import { ROOT } from './run.ts'
import { publishedPackages } from './workspace.ts'

/**
 * Makes the code that is published: for each package `lib/`, one file per entry point and chunks that they share. A
 * package of a hundred small modules takes twice as long to import as the same code in three files. Other packages stay
 * imports, so that a project has one of each.
 */
export async function bundleAll(): Promise<void> {
  for (const { folder, manifest } of publishedPackages()) {
    const entries = Object.values(manifest.exports ?? {}).filter(
      (path): path is string => typeof path === 'string' && path.endsWith('.ts'),
    )
    const outdir = join(ROOT, folder, 'lib')
    rmSync(outdir, { recursive: true, force: true })
    await build({
      absWorkingDir: join(ROOT, folder),
      entryPoints: entries,
      outdir,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      packages: 'external',
      sourcemap: true,
      sourcesContent: false,
      keepNames: true,
      logLevel: 'warning',
    })
  }
}

if (import.meta.main) await oneAtATime('pack', bundleAll)
