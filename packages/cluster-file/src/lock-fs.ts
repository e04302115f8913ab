import * as fs from 'node:fs'
import { dirname } from 'node:path'

/** What the service reads of a file's status. */
export interface LockStat {
  readonly mtimeNs: bigint
  readonly dev: bigint
  readonly ino: bigint
}

/**
 * Every system call on the cluster's folder goes through here, so that tests can stop a member between any two of them.
 * The synchronous ones are for the exit hook alone.
 */
export interface LockFs {
  mkdir(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  rmdir(path: string): Promise<void>
  /** Of the entry itself: links are not followed. */
  stat(path: string): Promise<LockStat>
  utimes(path: string, accessed: Date, modified: Date): Promise<void>
  readdir(path: string): Promise<string[]>
  readFile(path: string): Promise<string>
  /** Creates; rejects with EEXIST where the file exists. */
  createFile(path: string, text: string): Promise<void>
  /** The number that tells the kind of file system. */
  filesystemType(path: string): Promise<number>
  /** Calls with the name of an entry of the folder that changed; a hint, no more. */
  watch(path: string, changed: (name: string | undefined) => void, failed: (error: unknown) => void): { close(): void }
  createFileSync(path: string, text: string): void
  unlinkSync(path: string): void
  rmdirSync(path: string): void
}

/** Node's own; nothing but the exit hook ever blocks the loop, however slow the disk. Folders are made with all that leads to them. */
export const nodeLockFs: LockFs = {
  mkdir: makeFolder,
  rename: fs.promises.rename,
  unlink: path => fs.promises.unlink(path),
  rmdir: path => fs.promises.rmdir(path),
  stat: path => fs.promises.lstat(path, { bigint: true }),
  utimes: fs.promises.utimes,
  readdir: path => fs.promises.readdir(path),
  readFile: path => fs.promises.readFile(path, 'utf8'),
  createFile: (path, text) => fs.promises.writeFile(path, text, { flag: 'wx' }),
  filesystemType: async path => (await fs.promises.statfs(path)).type,
  watch: (path, changed, failed) => {
    const watcher = fs.watch(path, { persistent: false }, (_, name) => changed(name ?? undefined))
    watcher.on('error', failed)
    return watcher
  },
  createFileSync: (path, text) => fs.writeFileSync(path, text, { flag: 'wx' }),
  unlinkSync: path => fs.unlinkSync(path),
  rmdirSync: path => fs.rmdirSync(path),
}

/**
 * With all that leads to it. Not by Node's `recursive`, which never comes back where a folder is there and says ENOENT to
 * whatever is made in it, as /proc does: that rejects here, with EINVAL.
 */
async function makeFolder(path: string, triesLeft = 2): Promise<void> {
  try {
    await fs.promises.mkdir(path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await isFolder(path))) return
    if (codeOf(error) !== 'ENOENT') throw error
    const parent = dirname(path)
    if (!(await isFolder(parent))) await makeFolder(parent)
    // Another member may make, or remove, the same folders at this moment.
    else if (triesLeft === 0) throw Object.assign(new Error(`no folder can be made in ${parent}`), { code: 'EINVAL' })
    await makeFolder(path, Math.max(0, triesLeft - 1))
  }
}

const isFolder = (path: string) =>
  fs.promises.stat(path).then(
    found => found.isDirectory(),
    () => false,
  )

/** The code of a failed system call, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the call gives, or undefined where the file or folder is not there. */
export async function orMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
