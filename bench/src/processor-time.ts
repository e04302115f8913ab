import { readFileSync } from 'node:fs'

/** Of `sysconf(_SC_CLK_TCK)`, which is the same on all Linuxes that Node runs on. */
const TICKS_PER_SECOND = 100

/** Processor time that running processes have taken so far, in seconds. Linux only; NaN elsewhere. */
export const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + ticksOf(pid) / TICKS_PER_SECOND, 0)

function ticksOf(pid: number): number {
  try {
    // The name of the program, in brackets, may hold anything; user and system time are the 12th and 13th after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return Number.NaN
  }
}
