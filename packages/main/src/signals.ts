/** What asks an application to stop: Ctrl-C, an orchestrator, a closed terminal. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type StopSignal = (typeof STOP_SIGNALS)[number]

/** The part of `process` that signals need. */
export interface SignalHost {
  on(signal: StopSignal, listener: () => void): unknown
}

/** The exit code once everything has been drained and released: 130 after Ctrl-C, as shells expect, otherwise 0. */
export function exitCodeOf(signal: StopSignal): number {
  return signal === 'SIGINT' ? 130 : 0
}

/**
 * Calls `first` on the first stop signal and `again` on each later one. Later ones change nothing: package managers
 * answer a second Ctrl-C with SIGINT and SIGTERM at once, and an impatient key press must not cost the drain.
 * The handlers stay until the process ends, so that a late one cannot change its exit code.
 */
export function onStopSignal(
  host: SignalHost,
  first: (signal: StopSignal) => void,
  again: (signal: StopSignal) => void,
): void {
  let asked = false
  for (const signal of STOP_SIGNALS) {
    host.on(signal, () => {
      if (asked) again(signal)
      else {
        asked = true
        first(signal)
      }
    })
  }
}
