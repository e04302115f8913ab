import { readFileSync } from 'node:fs'

/** Whether a process runs. One that has ended and waits for its parent to notice, on Linux, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
