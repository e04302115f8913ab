import { basename, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { packAll } from '../built-form.ts'
import { buildApplication } from './application.ts'
import { chooseDependencies, manifestOf } from './dependencies.ts'
import { imageRoot } from './image-root.ts'
import { buildNative } from './native.ts'
import { sizeOnDisk } from './size.ts'

const USAGE = `usage, in the folder of an application: node ship/main.ts app|native|root [--cluster <name>,…] [--out <path>]
  app     build/app: a folder that runs with node alone
  native  build/native/<name>: one executable
  root    build/root: the root folder of an image, of build/app and the Node that runs this`

const application = process.cwd()

/** Runs one. Rejects with an Error whose message is for people. */
export async function shipCommand(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { cluster: { type: 'string' }, out: { type: 'string' } },
  })
  const clusters = values.cluster?.split(',').map(name => name.trim())
  const out = (standard: string) => resolve(values.out ?? standard)
  switch (positionals.join(' ')) {
    case 'app':
      return await app(out('build/app'), clusters)
    case 'native':
      return await native(out(join('build/native', nameOfApplication())), clusters)
    case 'root':
      imageRoot({ app: resolve('build/app'), out: out('build/root') })
      return made(out('build/root'), 'root of an image')
    default:
      throw new Error(USAGE)
  }
}

const nameOfApplication = () => basename(application) + (process.platform === 'win32' ? '.exe' : '')

async function app(out: string, clusters: readonly string[] | undefined): Promise<void> {
  // Before what takes long.
  chooseDependencies(manifestOf(application), clusters)
  using tarballs = await packAll()
  await buildApplication({ application, out, tarballs, clusters })
  made(out, `node ${relative('', join(out, 'dist/main.js'))} starts it`)
}

async function native(out: string, clusters: readonly string[] | undefined): Promise<void> {
  await buildNative({ application, out, clusters })
  made(out, `${process.platform} ${process.arch}, Node ${process.versions.node} inside`)
}

const made = (out: string, about: string) => console.log(`${out} (${sizeOnDisk(out).toFixed(1)} MB): ${about}`)
