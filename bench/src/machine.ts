import { cpus, loadavg } from 'node:os'

/** What figures depend on. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  /** Of the last minute, before the run. */
  readonly load: number
  readonly node: string
}

/** Undefined on a quiet machine; else a warning for whoever reads the figures. */
export function warningOf({ load, cores }: Machine): string | undefined {
  if (load < cores / 2) return undefined
  return [
    `!!! THE MACHINE IS BUSY: load ${load.toFixed(1)} on ${cores} cores. Do not quote what follows, ratios included:`,
    '!!! a JVM, whose compiler and collector have threads of their own, suffers more from neighbours than Node does.',
  ].join('\n')
}

export const machine = (): Machine => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  load: loadavg()[0] ?? 0,
  node: process.version,
})
