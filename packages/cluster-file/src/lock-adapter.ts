import type { Clock } from '@dromedary/core'
import { type Moment, momentOf } from '@dromedary/core/cluster'
import { codeOf, type LockFs } from './lock-fs.ts'

/** What the adapter asks and tells whoever holds the lock through it. */
export interface LockAdapterOptions {
  readonly fs: LockFs
  readonly clock: Clock
  /** `<namespace>.lock`. */
  readonly lock: string
  /** The folder with the owner record, which becomes the lock. */
  readonly prepared: string
  /** The owner record inside the lock: whatever is done after the rename names it, so a late call touches no successor. */
  readonly record: string
  /** The rename succeeded; it was sent at this moment. */
  acquired(sent: Moment): void
  mayRenew(): boolean
  /** A renewal sent at this moment was acknowledged. */
  renewed(sent: Moment): void
  failed(error: unknown): void
  /** Whether the record may be taken away: not while work of its term may be under way. */
  mayRelease(): boolean
  /**
   * The process ends: everything that was valid ends first. False where work may still be under way, in a worker or a
   * native library: then the death itself is the release.
   */
  exiting(): boolean
}

type Done = (error: Error | null, value?: unknown) => void

/**
 * The file system as proper-lockfile sees it; one per acquisition. Its paths are ignored: `mkdir` is the rename of the
 * prepared folder, everything else names the nonce. Its probe of the clock's precision costs no system call.
 */
export function createLockAdapter(options: LockAdapterOptions) {
  const { fs, clock, lock, prepared, record } = options
  /** The time that the library believes the lock has; it compares nothing else. */
  let believed: Date | undefined
  let written = 0

  const acquire = async () => {
    const sent = momentOf(clock)
    try {
      await fs.rename(prepared, lock)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'ENOTEMPTY') throw locked()
      if (code !== 'EEXIST' && code !== 'EPERM' && code !== 'EACCES') throw error
      // Where a rename does not replace an empty folder: rmdir removes only an empty one.
      try {
        await fs.rmdir(lock)
      } catch (cause) {
        if (codeOf(cause) === 'ENOTEMPTY' || codeOf(cause) === 'EEXIST') throw locked()
        if (codeOf(cause) !== 'ENOENT') throw error
      }
      await fs.rename(prepared, lock).catch(cause => {
        throw codeOf(cause) === 'ENOTEMPTY' || codeOf(cause) === 'EEXIST' ? locked() : cause
      })
    }
    options.acquired(sent)
  }

  const renew = async (at: Date) => {
    if (!options.mayRenew()) throw gone()
    // Followers look for a change, whatever the wall clock does.
    written = at.getTime() === written ? written + 1 : at.getTime()
    const time = new Date(written)
    const sent = momentOf(clock)
    try {
      await fs.utimes(record, time, time)
    } catch (error) {
      options.failed(error)
      throw error
    }
    options.renewed(sent)
    believed = at
  }

  const release = async () => {
    if (!options.mayRelease()) return
    await removeRecord(fs, lock, record)
  }

  return {
    mkdir: (_: string, done: Done) => void acquire().then(() => done(null), done),
    stat: (_: string, done: Done) => {
      // Asked right after the rename, to learn the precision: nothing has happened to the lock since.
      const answer = believed === undefined ? Promise.reject(gone()) : fs.stat(record)
      answer.then(
        () => done(null, { mtime: believed }),
        error => done(error),
      )
    },
    utimes: (_: string, _accessed: Date, modified: Date, done: Done) => {
      if (believed === undefined) {
        believed = modified
        done(null)
      } else {
        void renew(modified).then(() => done(null), done)
      }
    },
    rmdir: (_: string, done: Done) => void release().then(() => done(null), done),
    rmdirSync: () => {
      if (!options.exiting()) return
      fs.unlinkSync(record)
      fs.rmdirSync(lock)
    },
  }
}

/**
 * Takes away the record that this nonce names, if it is still there, and then the lock, if it is empty. Who competes
 * next can spare itself the second: the rename replaces an empty folder.
 */
export async function removeRecord(fs: LockFs, lock: string, record: string, lockToo = true): Promise<void> {
  try {
    await fs.unlink(record)
  } catch (error) {
    const code = codeOf(error)
    // Somebody may have put a folder there by hand.
    if (code === 'EISDIR' || code === 'EPERM') await fs.rmdir(record)
    else if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
  }
  if (lockToo) await fs.rmdir(lock).catch(() => {})
}

/** Makes the library give up without looking at the lock's age. */
function locked(): Error {
  return Object.assign(new Error('the lock is held'), { code: 'ELOCKED' })
}

/** Makes the library stop renewing. */
function gone(): Error {
  return Object.assign(new Error('the lock is no longer ours'), { code: 'ENOENT' })
}
