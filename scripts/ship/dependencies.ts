import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../workspace.ts'

/** What an application needs where it runs. */
export interface Dependencies {
  /** Packages of this workspace. */
  readonly own: readonly string[]
  /** Packages of the registry: ranges by name. */
  readonly others: Readonly<Record<string, string>>
}

/** The `package.json` of an application. */
export function manifestOf(application: string): Manifest {
  return JSON.parse(readFileSync(join(application, 'package.json'), 'utf8'))
}

const CLUSTER = '@dromedary/cluster-'

/** The cluster services that an application depends on, by the names of `cluster.service`. */
export function clustersOf({ dependencies = {} }: Manifest): string[] {
  return Object.keys(dependencies)
    .filter(name => name.startsWith(CLUSTER))
    .map(name => name.slice(CLUSTER.length))
}

/**
 * The dependencies of an application, of the cluster services only those asked for. Which of them runs is chosen at run
 * time, so that the others are never loaded; but the client of Kubernetes alone is four fifths of the folder.
 */
export function chooseDependencies(
  manifest: Manifest,
  clusters: readonly string[] = clustersOf(manifest),
): Dependencies {
  const there = clustersOf(manifest)
  const unknown = clusters.find(name => !there.includes(name))
  if (unknown !== undefined) {
    throw new Error(`${manifest.name} has no cluster service "${unknown}"; it has ${there.join(', ') || 'none'}`)
  }
  const wanted = Object.entries(manifest.dependencies ?? {}).filter(
    ([name]) => !name.startsWith(CLUSTER) || clusters.includes(name.slice(CLUSTER.length)),
  )
  const isOwn = (range: string) => range.startsWith('workspace:')
  return {
    own: wanted.filter(([, range]) => isOwn(range)).map(([name]) => name),
    others: Object.fromEntries(wanted.filter(([, range]) => !isOwn(range))),
  }
}

/** The packages of the cluster services that were not asked for. */
export function leftOut(manifest: Manifest, clusters: readonly string[] = clustersOf(manifest)): string[] {
  return clustersOf(manifest)
    .filter(name => !clusters.includes(name))
    .map(name => CLUSTER + name)
}
