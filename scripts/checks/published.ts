import { must } from '../run.ts'
import type { Manifest } from '../workspace.ts'

/** What a registry would show of a package and give to its users. */
export interface Published {
  readonly manifest: Manifest
  /** Paths within the tarball, without its `package/`. */
  readonly files: ReadonlySet<string>
}

/** Reads a tarball. */
export async function readTarball(file: string): Promise<Published> {
  const [list, manifest] = await Promise.all([
    must('tar', ['-tzf', file]),
    must('tar', ['-xzOf', file, 'package/package.json']),
  ])
  const files = list.split('\n').map(line => line.replace(/^package\//, ''))
  return { manifest: JSON.parse(manifest), files: new Set(files.filter(path => path !== '')) }
}

/** Each field that must be there, by a path of names, with what it must look like. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  description: /\w/,
  license: /^Apache-2\.0$/,
  author: /\w/,
  'repository.type': /^git$/,
  'repository.url': /^git\+https:\/\/\S+\.git$/,
  'repository.directory': /^packages\/\w/,
  homepage: /^https:\/\//,
  'bugs.url': /^https:\/\//,
  keywords: /\bdromedary\b.*,.*\w/,
  type: /^module$/,
  types: /^\.\/dist\/.*\.d\.ts$/,
  sideEffects: /^false$/,
  'engines.node': /^>=22\.22$/,
  'publishConfig.access': /^public$/,
}

const NOT_FOR_USERS = /(^|\/)(test[^/]*|node_modules|coverage)\/|\.tsbuildinfo$|\.tgz$|(^|\/)tsconfig/
/** What only means something inside of this repository. */
const LOCAL_SPECIFIER = /^(workspace|catalog|link|file|portal):/

/** What is wrong with a package as it would be published; empty when nothing is. */
export function complaintsAbout({ manifest, files }: Published): string[] {
  const complaints: string[] = []
  for (const [path, form] of Object.entries(FIELDS)) {
    const value = path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], manifest)
    if (value === undefined) complaints.push(`has no ${path}`)
    else if (!form.test(String(value)))
      complaints.push(`${path} is ${JSON.stringify(value)}, which does not fit ${form}`)
  }
  for (const file of ['README.md', 'LICENSE', ...targets(manifest.exports), ...targets(manifest['types'])]) {
    if (!files.has(file.replace('./', ''))) complaints.push(`does not hold ${file}`)
  }
  for (const file of files) if (NOT_FOR_USERS.test(file)) complaints.push(`holds ${file}, which is nothing for users`)
  return [...complaints, ...aboutDependencies(manifest)]
}

function aboutDependencies({ name, dependencies = {}, peerDependencies = {} }: Manifest): string[] {
  const complaints: string[] = []
  for (const [other, wanted] of [...Object.entries(dependencies), ...Object.entries(peerDependencies)]) {
    if (LOCAL_SPECIFIER.test(wanted)) complaints.push(`asks for ${other} as ${wanted}`)
  }
  if (name === '@dromedary/core') return complaints
  // As a dependency, a second core could come to lie beside the user's.
  if (dependencies['@dromedary/core']) complaints.push('has core as a dependency: it must be a peer')
  if (!peerDependencies['@dromedary/core']?.startsWith('^')) complaints.push('has no peer @dromedary/core of a range ^')
  return complaints
}

/** The files that an entry of `exports` leads to, whatever the conditions. */
function targets(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry]
  return typeof entry === 'object' && entry !== null ? Object.values(entry).flatMap(targets) : []
}
