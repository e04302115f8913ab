import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './run.ts'

/** A `package.json`, as far as scripts and tests read it. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly publishConfig?: { readonly access?: string; readonly exports?: Readonly<Record<string, unknown>> }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A package of the workspace. */
export interface WorkspacePackage {
  /** Relative to the root, with slashes: `packages/core`. */
  readonly folder: string
  readonly manifest: Manifest
}

/** Everything that the workspace holds, published or not, in the order of its folders. */
export function workspacePackages(): WorkspacePackage[] {
  return ['packages/*', 'examples/*', 'bench', 'faults', 'test-servers']
    .flatMap(pattern => globSync(pattern, { cwd: ROOT }))
    .map(folder => folder.replaceAll('\\', '/'))
    .filter(folder => existsSync(join(ROOT, folder, 'package.json')))
    .sort()
    .map(folder => ({ folder, manifest: JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) }))
}

/** What goes to the registry. */
export const publishedPackages = () => workspacePackages().filter(one => one.manifest.private !== true)
