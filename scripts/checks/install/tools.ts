import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import rootManifest from '../../../package.json' with { type: 'json' }
import { pnpm, ROOT } from '../../run.ts'

/** Package managers and Nodes that only this check needs, each pinned. The oldest and the newest Node are in the workspace. */
const PINNED = {
  npm: '11.21.2',
  pnpm: rootManifest.packageManager.replace('pnpm@', ''),
  'yarn-1': 'npm:yarn@1.22.22',
  'yarn-4': 'npm:@yarnpkg/cli-dist@4.18.1',
  'node-24': 'npm:node@24.21.0',
}

/** Kept between runs; whatever the package managers keep is beside it. */
export const CACHE = join(ROOT, '.cache/install')

/** What was installed where. */
export interface Tools {
  /** A file of one of the tools: `file('npm', 'bin/npm-cli.js')`. */
  file(tool: keyof typeof PINNED, path: string): string
  /** Folders that hold a `node`. */
  readonly nodes: Readonly<Record<'oldest' | '24' | '26', string>>
}

/** Installs the tools, once for each set of versions. Two runs at once do not disturb each other. */
export async function tools(): Promise<Tools> {
  const manifest = JSON.stringify({ private: true, dependencies: PINNED })
  const folder = join(CACHE, `tools-${createHash('sha256').update(manifest).digest('hex').slice(0, 12)}`)
  if (!existsSync(folder)) await install(folder, manifest)
  const file = (tool: string, path: string) => join(folder, 'node_modules', tool, path)
  const workspace = (name: string) => join(ROOT, 'node_modules', name, 'bin')
  return { file, nodes: { oldest: workspace('node-floor'), '24': file('node-24', 'bin'), '26': workspace('node') } }
}

async function install(folder: string, manifest: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const fresh = mkdtempSync(join(CACHE, 'fresh-'))
  try {
    writeFileSync(join(fresh, 'package.json'), manifest)
    writeFileSync(join(fresh, 'pnpm-workspace.yaml'), 'allowBuilds: { node: true, pnpm: true, yarn: false }\n')
    await pnpm(['install', '--prefer-offline', '--config.pmOnFail=ignore'], { cwd: fresh })
    renameSync(fresh, folder)
  } catch (error) {
    // Another run was faster.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
