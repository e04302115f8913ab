import { isBuiltin } from 'node:module'
import { describe, expect, it } from 'vitest'
import rootManifest from '../package.json' with { type: 'json' }
import { type Manifest, workspacePackages } from '../scripts/workspace.ts'
import { type Import, importsOf, packageOf, sources } from './support/imports.ts'

const told = ({ file, specifier }: { file: string; specifier: string }) => `${file} imports ${specifier}`

describe.each(workspacePackages())('$manifest.name', ({ folder, manifest }) => {
  const inSources = sources(`${folder}/src`).flatMap(importsOf)
  const inTests = sources(`${folder}/test`).flatMap(importsOf)

  it('never imports an entry of its own from inside', () => {
    const entries = Object.values(manifest.exports ?? {})
      .filter(entry => typeof entry === 'string' && entry.endsWith('.ts'))
      .map(entry => folder + String(entry).slice(1))
    const offenders = inSources.filter(
      one => packageOf(one.specifier) === manifest.name || entries.includes(one.target ?? ''),
    )
    expect(offenders.map(told)).toEqual([])
  })

  it('imports third parties only where they are declared', () => {
    expect(undeclared(inSources, [manifest.dependencies, manifest.peerDependencies])).toEqual([])
    const forTests = [manifest.dependencies, manifest.peerDependencies, manifest.devDependencies]
    const own = { [manifest.name]: '' }
    expect(undeclared(inTests, [...forTests, rootManifest.devDependencies, own])).toEqual([])
  })

  it('reaches into no other package by a path', () => {
    const allowed = [`${folder}/`]
    if (manifest.private === true) allowed.push('scripts/')
    // Core is below the testing package and cannot depend on it; its tests alone may look up.
    const inTestsOnly = folder === 'packages/core' ? ['packages/testing/src/'] : []
    const leaves = (starts: readonly string[]) => (one: Import) =>
      one.target !== undefined && !starts.some(start => one.target?.startsWith(start))
    const offenders = [...inSources.filter(leaves(allowed)), ...inTests.filter(leaves([...allowed, ...inTestsOnly]))]
    expect(offenders.map(told)).toEqual([])
  })

  it('asks its users to install nothing that it does not import', () => {
    if (manifest.private === true) return
    const used = new Set(inSources.map(({ specifier }) => packageOf(specifier)))
    expect(Object.keys(manifest.dependencies ?? {}).filter(name => !used.has(name))).toEqual([])
  })
})

function undeclared(
  imports: ReturnType<typeof importsOf>,
  declared: readonly (Manifest['dependencies'] | undefined)[],
): string[] {
  const names = new Set(declared.flatMap(one => Object.keys(one ?? {})))
  return imports
    .filter(
      ({ specifier, target }) => target === undefined && !isBuiltin(specifier) && !names.has(packageOf(specifier)),
    )
    .map(told)
}
