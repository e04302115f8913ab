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

type Answer = (signal: StopSignal) => void

/** What a host was sent while nobody answered, and who answers now. */
interface Held {
  readonly early: StopSignal[]
  readonly answers: Answer[]
}

const hosts = new WeakMap<SignalHost, Held>()

/**
 * Keeps stop signals for the application that is still being loaded: `runApplication` answers them as soon as it is
 * called. Call it first thing in an entry module, before what takes time to load.
 *
 * Without it a signal during that time kills the process. As process 1 of a container it is worse: the kernel drops what
 * such a process has no handler for, so the container would go on until it is killed at the end of its grace period.
 */
export function holdSignals(host: SignalHost = process): void {
  held(host)
}

function held(host: SignalHost): Held {
  const there = hosts.get(host)
  if (there !== undefined) return there
  const made: Held = { early: [], answers: [] }
  hosts.set(host, made)
  for (const signal of STOP_SIGNALS) {
    host.on(signal, () => {
      if (made.answers.length === 0) made.early.push(signal)
      for (const answer of made.answers) answer(signal)
    })
  }
  return made
}

/**
 * Calls `first` on the first stop signal and `again` on each later one; at once for those that were held. Later ones change
 * nothing: package managers answer a second Ctrl-C with SIGINT and SIGTERM at once, and an impatient key press must not
 * cost the drain. The handlers stay until the process ends, so that a late one cannot change its exit code.
 */
export function onStopSignal(host: SignalHost, first: Answer, again: Answer): void {
  let asked = false
  const answer: Answer = signal => {
    if (asked) again(signal)
    else {
      asked = true
      first(signal)
    }
  }
  const { early, answers } = held(host)
  answers.push(answer)
  for (const signal of early.splice(0)) answer(signal)
}
