import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** A lock that its holder has not touched for this long belongs to nobody any more, milliseconds. */
const STALE = 30_000

/** How often the holder touches it, and how often those who wait look, milliseconds. */
const TOUCH = 2_000
const LOOK = 500

/**
 * Runs `build` while no other process does, as told by a lock file; `waiting` is called once when somebody else is at it.
 * This saves work and nothing more: in doubt two build at once, so what is built must be put in its place by a rename.
 */
export async function oneAtATime<T>(lock: string, waiting: () => void, build: () => Promise<T>): Promise<T> {
  for (let told = false; !take(lock); ) {
    if (isStale(lock)) {
      rmSync(lock, { force: true })
      continue
    }
    if (!told) waiting()
    told = true
    await wait(LOOK)
  }
  const touching = setInterval(() => touch(lock), TOUCH)
  const remove = () => rmSync(lock, { force: true })
  process.on('exit', remove)
  try {
    return await build()
  } finally {
    clearInterval(touching)
    process.off('exit', remove)
    remove()
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isStale(lock: string): boolean {
  const stats = statSync(lock, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > STALE
}

function touch(lock: string): void {
  try {
    utimesSync(lock, new Date(), new Date())
  } catch {
    // Somebody took it for stale: then two build, which does no harm.
  }
}
