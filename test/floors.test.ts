import { describe, expect, it } from 'vitest'
import { type WorkspacePackage, workspacePackages } from '../scripts/workspace.ts'
import { importsOf, packageOf, sources } from './support/imports.ts'

/** Who may know whom: only those below. Components and cluster services are siblings and do not know each other. */
function floorOf({ folder }: WorkspacePackage): number {
  if (folder === 'packages/core') return 0
  if (folder === 'packages/testing') return 1
  if (folder === 'packages/main' || folder === 'test-servers') return 3
  if (folder.startsWith('packages/')) return 2
  // The benchmarks and the faults run examples.
  return folder.startsWith('examples/') ? 4 : 5
}

const packages = workspacePackages()
const byName = new Map(packages.map(one => [one.manifest.name, one]))

describe.each(packages)('$manifest.name', one => {
  const imported = sources(`${one.folder}/src`)
    .flatMap(importsOf)
    .filter(({ specifier }) => byName.has(packageOf(specifier)))

  it('imports only from floors below its own', () => {
    const upwards = imported
      .filter(({ specifier }) => {
        const other = byName.get(packageOf(specifier))
        return other !== undefined && floorOf(other) >= floorOf(one)
      })
      .map(({ file, specifier }) => `${file} imports ${specifier}`)
    expect(upwards).toEqual([])
  })

  it('depends only on floors below its own', () => {
    const declared = { ...one.manifest.dependencies, ...one.manifest.peerDependencies }
    const upwards = Object.keys(declared).filter(name => {
      const other = byName.get(name)
      return other !== undefined && floorOf(other) >= floorOf(one)
    })
    expect(upwards).toEqual([])
  })

  it('needs the testing package in its tests alone', () => {
    if (floorOf(one) < 2 || one.manifest.private === true) return
    const offenders = imported.filter(({ specifier }) => packageOf(specifier) === '@dromedary/testing')
    expect(offenders.map(({ file }) => file)).toEqual([])
    expect(Object.keys(one.manifest.dependencies ?? {})).not.toContain('@dromedary/testing')
  })
})
