import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import rootManifest from '../package.json' with { type: 'json' }
import { VERSION } from '../packages/core/src/version.ts'
import { ROOT } from '../scripts/run.ts'
import { publishedPackages, workspacePackages } from '../scripts/workspace.ts'

describe.each(publishedPackages())('$manifest.name', ({ folder, manifest }) => {
  it('has a README and the licence', () => {
    expect(readFileSync(join(ROOT, folder, 'README.md'), 'utf8')).toContain(manifest.name)
    expect(readFileSync(join(ROOT, folder, 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'))
  })

  it('says in its manifest what a registry shows', () => {
    expect(manifest).toMatchObject({
      license: 'Apache-2.0',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=22.22' },
      publishConfig: { access: 'public' },
      repository: { directory: folder },
    })
    for (const field of ['description', 'author', 'homepage', 'bugs', 'keywords', 'files']) {
      expect(manifest[field], field).toBeTruthy()
    }
  })

  it('publishes the built form of each entry that the sources have', () => {
    const entries = Object.entries(manifest.exports ?? {}).filter(([entry]) => entry !== './package.json')
    for (const [entry, source] of entries) {
      expect(existsSync(join(ROOT, folder, String(source))), `${entry} is ${source}`).toBe(true)
      const name = String(source).replace('./src/', '').replace(/\.ts$/, '')
      expect(manifest.publishConfig?.exports?.[entry]).toEqual({
        types: `./dist/${name}.d.ts`,
        default: `./lib/${name}.js`,
      })
    }
    expect(Object.keys(manifest.publishConfig?.exports ?? {}).sort()).toEqual(
      Object.keys(manifest.exports ?? {}).sort(),
    )
  })
})

it('publishes what lies in packages, and nothing else', () => {
  const published = workspacePackages().filter(({ manifest }) => manifest.private !== true)
  const folders = workspacePackages().filter(({ folder }) => folder.startsWith('packages/'))
  expect(published).toEqual(folders)
})

it('has one version for all published packages', () => {
  expect(new Set(publishedPackages().map(({ manifest }) => manifest.version)).size).toBe(1)
})

it('says in the code of core which version it is', () => {
  expect(VERSION).toBe(publishedPackages().find(({ folder }) => folder === 'packages/core')?.manifest.version)
})

it('lists each package in the references of the root project', () => {
  const { references } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'))
  const listed = references.map((reference: { path: string }) => reference.path)
  expect(listed.sort()).toEqual(workspacePackages().map(({ folder }) => folder))
})

it('runs scripts on the Node that the workspace pins, or on the oldest that is promised', () => {
  const { node, 'node-floor': floor } = rootManifest.devDependencies
  expect([`v${node}`, `v${floor.split('@')[1]}`]).toContain(process.version)
  expect(readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')).toContain(`nodeVersion: ${node}`)
})
