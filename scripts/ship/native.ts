import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { must, ROOT } from '../run.ts'
import { assetsOf } from './assets.ts'
import { chooseDependencies, leftOut, manifestOf } from './dependencies.ts'
import { licencesOf } from './licences.ts'

/** Which executable is made, and to where. */
export interface NativeBuild {
  /** The folder of the application in this workspace. */
  readonly application: string
  /** The executable; `application.yaml` and the licences are put beside it. */
  readonly out: string
  /** The cluster services that go in, by the names of `cluster.service`. Default: all that the application has. */
  readonly clusters?: readonly string[] | undefined
  /** What runs, relative to the application. Default: `src/main.ts`. */
  readonly entry?: string
}

/**
 * Makes one executable of an application: Node itself with a bundle of the sources. It needs no Node and no other file
 * where it runs, and works only on the operating system and processor of the Node that made it, which must be 26 or newer:
 * older ones cannot embed a module together with its code cache.
 */
export async function buildNative({ application, out, clusters, entry = 'src/main.ts' }: NativeBuild): Promise<void> {
  const manifest = manifestOf(application)
  chooseDependencies(manifest, clusters)
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-native-'))
  try {
    const main = join(folder, 'main.mjs')
    const inputs = await bundle(join(application, entry), main, leftOut(manifest, clusters))
    const config = join(folder, 'sea.json')
    mkdirSync(dirname(out), { recursive: true })
    const assets = writeAssets(await assetsOf(manifest), folder)
    // Aside first: what runs cannot be written over, but it can be replaced.
    const made = `${out}.new`
    writeFileSync(config, JSON.stringify({ ...SETTINGS, main, assets, output: made }))
    await must(process.execPath, ['--build-sea', config])
    renameSync(made, out)
    writeFileSync(join(dirname(out), 'LICENSES-OF-LIBRARIES'), licencesOf(inputs))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  for (const name of ['application.yaml', 'LICENSE']) {
    const file = [application, ROOT].map(place => join(place, name)).find(existsSync)
    if (file !== undefined) cpSync(file, join(dirname(out), name))
  }
}

/** Files by the names of the assets that they hold. */
function writeAssets(assets: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  const files = Object.entries(assets).map(([name, text]) => [name, join(folder, name), text] as const)
  for (const [, file, text] of files) writeFileSync(file, text)
  return Object.fromEntries(files.map(([name, file]) => [name, file]))
}

/** Of `node --build-sea`. The code cache saves a quarter of the start; a snapshot is not to be had with modules. */
const SETTINGS = { mainFormat: 'module', useCodeCache: true, disableExperimentalSEAWarning: true }

/** One ECMAScript module, with everything in it but Node's own. Not minified: a stack trace is for people. Returns its files. */
async function bundle(entry: string, outfile: string, without: readonly string[]): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    metafile: true,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    keepNames: true,
    plugins: [leaveOut(without), builtinsWhenNeeded()],
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs).map(file => join(ROOT, file))
}

/** Importing one of them rejects as it does where it is not installed. */
function leaveOut(packages: readonly string[]): Plugin {
  return {
    name: 'leave-out',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@?\w/ }, ({ path }) =>
        packages.includes(path) ? { path, namespace: 'left-out' } : undefined,
      )
      onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw Object.assign(new Error("Cannot find package '${path}'"), { code: 'ERR_MODULE_NOT_FOUND' })`,
      }))
    },
  }
}

/**
 * Node's own modules are loaded by whoever imports them, when that runs. As imports they would all be at the top of the
 * bundle: those of the client of Kubernetes would cost an application with the file service 8 MB and a tenth of its start.
 */
function builtinsWhenNeeded(): Plugin {
  return {
    name: 'builtins-when-needed',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path }) => (isBuiltin(path) ? { path, namespace: 'builtin' } : undefined))
      onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
      }))
    },
  }
}
