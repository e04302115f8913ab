import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Whom the process runs as in an image: not root, and nobody of the host. */
export const USER = 65532

/** What goes into the root folder of an image. */
export interface ImageRoot {
  /** An application folder, which becomes `/app`. */
  readonly app: string
  /** Made anew; what lay there is gone. */
  readonly out: string
}

/**
 * Makes the root folder of an image: Node, the shared libraries that it names, the application, and what the C library asks
 * for about users and names. No shell, no package manager: whoever breaks in finds nothing to use.
 */
export function imageRoot({ app, out }: ImageRoot): void {
  executableRoot(out, process.execPath, '/usr/local/bin/node')
  cpSync(app, join(out, 'app'), { recursive: true })
}

/** The same of one executable that needs no Node: it lies in `/app`, with the files beside it. */
export function nativeRoot(executable: string, out: string): void {
  executableRoot(out, executable, '/app/application')
  const isOther = (file: string) => file !== executable
  cpSync(dirname(executable), join(out, 'app'), { recursive: true, filter: isOther })
}

/** A root folder in which one executable can run. */
function executableRoot(out: string, executable: string, at: string): void {
  rmSync(out, { recursive: true, force: true })
  for (const [file, inside] of [[realpathSync(executable), at], ...librariesOf(executable)] as const) {
    const target = join(out, inside)
    mkdirSync(dirname(target), { recursive: true })
    // A link of the host is a file here.
    cpSync(realpathSync(file), target)
  }
  mkdirSync(join(out, 'etc'), { recursive: true })
  writeFileSync(join(out, 'etc/passwd'), `nonroot:x:${USER}:${USER}:nonroot:/tmp:/sbin/nologin\n`)
  writeFileSync(join(out, 'etc/group'), `nonroot:x:${USER}:\n`)
  writeFileSync(join(out, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  for (const folder of ['proc', 'tmp']) mkdirSync(join(out, folder))
  chmodSync(join(out, 'tmp'), 0o1777)
}

/** The shared libraries of an executable and the loader itself, at the paths at which it looks for them. Linux only. */
function librariesOf(executable: string): (readonly [string, string])[] {
  const { status, stdout, stderr } = spawnSync('ldd', [executable], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ldd cannot tell the libraries of ${executable}: ${stderr}`)
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => [file, file])
}
