import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './run.ts'

/** Between two tries. */
const AGAIN_MS = 100

/**
 * Does work that nobody else does in this checkout at the same time, such as two checks that both write what is packed:
 * waits for its turn. The lock is SQLite's, on a file of `.cache`: the system takes it from a process that dies.
 */
export async function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  const folder = join(ROOT, '.cache')
  mkdirSync(folder, { recursive: true })
  using lock = new DatabaseSync(join(folder, `${name}.lock`))
  while (!isTaken(lock)) await sleep(AGAIN_MS)
  return await work()
}

function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (/database is locked/.test(String(error))) return false
    throw error
  }
}
