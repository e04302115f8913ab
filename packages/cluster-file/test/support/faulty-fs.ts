import { type LockFs, nodeLockFs } from '../../src/lock-fs.ts'

/** Runs before each asynchronous system call: may wait, or throw in its place. */
export type Before = (call: keyof LockFs, path: string) => void | Promise<void>

const ASYNCHRONOUS = ['mkdir', 'rename', 'unlink', 'rmdir', 'stat', 'utimes', 'readdir', 'readFile', 'createFile'] as const

/** Node's file system with something before each call. */
export function hookedFs(before: Before): LockFs {
  const hooked: Partial<Record<keyof LockFs, unknown>> = { ...nodeLockFs }
  for (const name of ASYNCHRONOUS) {
    const call = nodeLockFs[name] as (...args: unknown[]) => Promise<unknown>
    hooked[name] = async (...args: unknown[]) => {
      await before(name, String(args[0]))
      return call(...args)
    }
  }
  return hooked as LockFs
}

/** A failure of the disk. */
export function ioError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: planted, ${call} '${path}'`), { code, path })
}
