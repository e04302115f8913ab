import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import type { TestProject } from 'vitest/node'
import { packAll } from '../../../../scripts/built-form.ts'
import { must } from '../../../../scripts/run.ts'
import { buildApplication } from '../../../../scripts/ship/application.ts'
import { imageRoot, nativeRoot } from '../../../../scripts/ship/image-root.ts'
import { jailUnavailable } from '../../../../scripts/ship/jail.ts'
import { buildNative } from '../../../../scripts/ship/native.ts'
import type { Built } from './built.ts'

const EXAMPLE = join(import.meta.dirname, '../..')
const LOADED = 'test-shipping/fixtures/loaded.ts'
const SHIP = join(EXAMPLE, '../../scripts/ship/main.ts')

/** For vitest's `globalSetup`: builds everything that is shipped, into a folder that is gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const why = jailUnavailable()
  if (why !== undefined) {
    if (process.env['CI'] === 'true') throw new Error(why)
    process.stderr.write(`TESTS ON A SYSTEM ROOT OF THEIR OWN ARE SKIPPED: ${why}\n`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-shipping-'))
  // A gigabyte: taken away while the last workers end.
  const drop = () => rm(folder, { recursive: true, force: true })
  try {
    project.provide('built', await buildAll(folder, why === undefined))
  } catch (error) {
    await drop()
    throw error
  }
  return drop
}

async function buildAll(folder: string, jails: boolean): Promise<Built> {
  const built: Built = {
    app: join(folder, 'app'),
    fileApp: join(folder, 'file-app'),
    fixturesApp: join(folder, 'fixtures-app'),
    native: join(folder, 'native/leader-election'),
    fileNative: join(folder, 'file-native/leader-election'),
    loadedNative: join(folder, 'loaded-native/loaded'),
    imageRoot: join(folder, 'image-root'),
    fixturesRoot: join(folder, 'fixtures-root'),
    nativeRoot: join(folder, 'native-root'),
    loadedRoot: join(folder, 'loaded-root'),
  }
  // The commands themselves are those of the Dockerfile, whose test runs them.
  using tarballs = await packAll()
  await buildApplication({ application: EXAMPLE, out: built.app, tarballs })
  await must(process.execPath, [SHIP, 'native', '--out', built.native], { cwd: EXAMPLE })
  await buildApplication({ application: EXAMPLE, out: built.fileApp, tarballs, clusters: ['file'] })
  await buildNative({ application: EXAMPLE, out: built.fileNative, clusters: ['file'] })
  await buildNative({ application: EXAMPLE, out: built.loadedNative, clusters: ['file'], entry: LOADED })
  await addFixtures(built)
  if (jails) {
    imageRoot({ app: built.app, out: built.imageRoot })
    imageRoot({ app: built.fixturesApp, out: built.fixturesRoot })
    nativeRoot(built.native, built.nativeRoot)
    nativeRoot(built.loadedNative, built.loadedRoot)
  }
  return built
}

/** `dist/loaded.js`, and a `dist/application.js` that takes two seconds to load once it has said so. */
async function addFixtures({ fileApp, fixturesApp }: Built): Promise<void> {
  cpSync(fileApp, fixturesApp, { recursive: true })
  const dist = join(fixturesApp, 'dist')
  const fixture = readFileSync(join(EXAMPLE, LOADED), 'utf8')
  const { code } = await transform(fixture, { loader: 'ts', format: 'esm' })
  writeFileSync(join(dist, 'loaded.js'), code)
  const application = readFileSync(join(dist, 'application.js'), 'utf8')
  const slow = "console.log('loading')\nawait new Promise(resolve => setTimeout(resolve, 2_000))\n"
  writeFileSync(join(dist, 'application.js'), slow + application)
}
