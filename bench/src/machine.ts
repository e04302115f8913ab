import { cpus, loadavg } from 'node:os'

/** What figures depend on. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  /** Of the last minute, before the run. */
  readonly load: number
  readonly node: string
}

export const machine = (): Machine => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  load: loadavg()[0] ?? 0,
  node: process.version,
})
