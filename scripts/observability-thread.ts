import { join } from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './run.ts'

/** The name under which `@dromedary/observability` looks for its thread among the assets of a native executable. */
export const THREAD_ASSET = 'dromedary-observability-thread.cjs'

/**
 * The thread of `@dromedary/observability` as one file, libraries included: a native executable has no files to start a
 * thread from, so it carries this one as an asset. CommonJS, because a thread that is given its code is that.
 */
export async function observabilityThread(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: join(ROOT, 'packages/observability'),
    entryPoints: ['src/thread.ts'],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
  return outputFiles[0]?.text ?? ''
}
