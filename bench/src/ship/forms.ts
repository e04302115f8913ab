import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpawnOptions } from '@dromedary/testing/harness'
import type { Tarballs } from '../../../scripts/built-form.ts'
import { buildApplication } from '../../../scripts/ship/application.ts'
import { nativeRoot } from '../../../scripts/ship/image-root.ts'
import { jailed, jailUnavailable, MEET } from '../../../scripts/ship/jail.ts'
import { buildNative } from '../../../scripts/ship/native.ts'
import { sizeOnDisk } from '../../../scripts/ship/size.ts'
import { EXAMPLE, EXAMPLE_SOURCE } from '../example.ts'

/** One way to run the example. */
export interface Form {
  readonly name: string
  /** The line that is printed just before the program starts, by what prepares it. Default: nothing prepares it. */
  readonly begins?: string
  /** A member that meets others in this folder. */
  member(root: string): SpawnOptions
}

/** The example in every form, and what they take on the disk, in megabytes. */
export interface Forms extends Disposable {
  readonly source: Form
  readonly built: Form
  readonly native: Form
  /** The executable alone on a read-only root, as another user; undefined where this machine lets nobody make one. */
  readonly rootless: Form | undefined
  readonly sizes: { readonly fileApp: number; readonly app: number; readonly native: number; readonly node: number }
}

const ENTERED = 'entered'
const settings = (root: string) => ['--set', `cluster.file.root=${root}`]

const byNode = (name: string, script: string): Form => ({ name, member: root => ({ script, args: settings(root) }) })

/** Builds them into a folder that is gone afterwards. */
export async function forms(tarballs: Tarballs): Promise<Forms> {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-bench-ship-'))
  const [app, fileApp] = [join(folder, 'app'), join(folder, 'file-app')]
  const native = join(folder, 'native/leader-election')
  await buildApplication({ application: EXAMPLE, out: app, tarballs })
  await buildApplication({ application: EXAMPLE, out: fileApp, tarballs, clusters: ['file'] })
  await buildNative({ application: EXAMPLE, out: native })
  return {
    source: byNode('source', EXAMPLE_SOURCE),
    built: byNode('built', join(app, 'dist/main.js')),
    native: { name: 'native', member: root => ({ command: native, args: settings(root) }) },
    rootless: jailUnavailable() === undefined ? onAnEmptyRoot(native, join(folder, 'root')) : undefined,
    sizes: {
      fileApp: sizeOnDisk(fileApp),
      app: sizeOnDisk(app),
      native: sizeOnDisk(native),
      node: sizeOnDisk(process.execPath),
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function onAnEmptyRoot(native: string, folder: string): Form {
  nativeRoot(native, folder)
  return {
    name: 'native, empty root',
    begins: ENTERED,
    member: root => ({ ...jailed(folder, root, ['/app/application', ...settings(MEET)]), env: { JAIL_SAYS: ENTERED } }),
  }
}
