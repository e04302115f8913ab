import { type LockFs, nodeLockFs } from '../../src/lock-fs.ts'

/** Runs around each asynchronous system call: may wait, or throw in its place. */
export interface Hook {
  before?(call: keyof LockFs, path: string): void | Promise<void>
  /** The call was made; its answer waits for this. */
  after?(call: keyof LockFs, path: string): void | Promise<void>
}

const ASYNCHRONOUS = [
  'mkdir',
  'rename',
  'unlink',
  'rmdir',
  'stat',
  'utimes',
  'readdir',
  'readFile',
  'createFile',
] as const

/** Node's file system with something around each call. */
export function hookedFs(hook: Hook): LockFs {
  const hooked: Partial<Record<keyof LockFs, unknown>> = { ...nodeLockFs }
  for (const name of ASYNCHRONOUS) {
    const call = nodeLockFs[name] as (...args: unknown[]) => Promise<unknown>
    hooked[name] = async (...args: unknown[]) => {
      const path = String(args[0])
      await hook.before?.(name, path)
      try {
        return await call(...args)
      } finally {
        await hook.after?.(name, path)
      }
    }
  }
  return hooked as LockFs
}

/** A failure of the disk. */
export function ioError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: planted, ${call} '${path}'`), { code, path })
}
