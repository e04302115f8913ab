import type { Clock, ClockTimer } from '@dromedary/core'

/** What asks an application to stop: Ctrl-C, an orchestrator, a closed terminal. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type StopSignal = (typeof STOP_SIGNALS)[number]

/** How long a held signal waits for an application that is still being loaded. */
export const HOLD_MS = 5_000

/** The part of `process` that signals need. */
export interface SignalHost {
  on(signal: StopSignal, listener: () => void): unknown
  exit(code: number): void
  readonly stderr: { write(line: string): unknown }
}

/** Not the system's clock of the core: an entry module would load all of that before it holds anything. */
const timers: Pick<Clock, 'setTimeout'> = {
  setTimeout(callback, ms) {
    const handle = setTimeout(callback, ms)
    return {
      cancel: () => clearTimeout(handle),
      unref() {
        handle.unref()
        return this
      },
    }
  },
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
  /** Ends the process when nobody ever answers. */
  limit?: ClockTimer
}

const hosts = new WeakMap<SignalHost, Held>()

/**
 * Keeps stop signals for the application that is still being loaded: `runApplication` answers them as soon as it is
 * called. Call it first thing in an entry module, before what takes time to load. It is for such modules only: what
 * handles signals itself needs nothing held.
 *
 * Without it a signal during that time kills the process. As process 1 of a container it is worse: the kernel drops what
 * such a process has no handler for, so the container would go on until it is killed at the end of its grace period.
 *
 * A module may hang while it is loaded. So the process ends 5 seconds after the first signal that nobody has answered, or
 * at once with the second one, with 130 after SIGINT, else 0: nothing runs yet that would have to be drained.
 */
export function holdSignals(host: SignalHost = process, clock: Pick<Clock, 'setTimeout'> = timers): void {
  held(host, clock)
}

function held(host: SignalHost, clock: Pick<Clock, 'setTimeout'>): Held {
  const there = hosts.get(host)
  if (there !== undefined) return there
  const made: Held = { early: [], answers: [] }
  hosts.set(host, made)
  for (const signal of STOP_SIGNALS) {
    host.on(signal, () => {
      if (made.answers.length === 0) hold(made, signal, host, clock)
      for (const answer of made.answers) answer(signal)
    })
  }
  return made
}

function hold(held: Held, signal: StopSignal, host: SignalHost, clock: Pick<Clock, 'setTimeout'>): void {
  held.early.push(signal)
  const [first = signal, second] = held.early
  const end = (why: string) => {
    host.stderr.write(`${why}: the process ends, still being loaded\n`)
    host.exit(exitCodeOf(first))
  }
  if (second === undefined) {
    const late = () => end(`${first} ${HOLD_MS / 1_000} s ago, and no application has answered`)
    // Where nothing else keeps the process, Node ends it by itself.
    held.limit = clock.setTimeout(late, HOLD_MS).unref()
  } else end(`${first}, then ${second}`)
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
  const holding = held(host, timers)
  holding.limit?.cancel()
  holding.answers.push(answer)
  for (const signal of holding.early.splice(0)) answer(signal)
}
