/** A timer of a {@link Clock}. */
export interface ClockTimer {
  /** After it the callback does not run. Safe to call twice, and after the timer fired. */
  cancel(): void
  /** The timer no longer keeps the process alive. */
  unref(): this
}

/**
 * Where all time in Dromedary comes from; the fake clock of `@dromedary/testing` stands in for it.
 * Durations and deadlines are judged by {@link monotonic}, never by {@link now}.
 */
export interface Clock {
  /** Wall clock: milliseconds since 1970. It may be stepped at any time. */
  now(): number
  /** Milliseconds since a fixed point that is the same for all processes of a host; never goes back. Fractions are meaningful. */
  monotonic(): number
  /** Calls once, `ms` milliseconds from now (at least 0; any length). What the callback throws is the caller's bug. */
  setTimeout(callback: () => void, ms: number): ClockTimer
}

/** Node's timers hold 31 bits; a longer wait is made of several. */
const LONGEST_TIMER = 2 ** 31 - 1

class SystemTimer implements ClockTimer {
  #handle: NodeJS.Timeout
  #referenced = true

  constructor(callback: () => void, ms: number) {
    const end = performance.now() + ms
    const arm = (left: number): NodeJS.Timeout =>
      setTimeout(
        () => {
          const rest = end - performance.now()
          if (left <= LONGEST_TIMER || rest <= 0) callback()
          else {
            this.#handle = arm(rest)
            if (!this.#referenced) this.#handle.unref()
          }
        },
        Math.min(Math.max(0, left), LONGEST_TIMER),
      )
    this.#handle = arm(ms)
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  unref(): this {
    this.#referenced = false
    this.#handle.unref()
    return this
  }
}

/**
 * performance.now() is cheaper than hrtime, but starts at 0 in each process: this shifts it onto the host's own scale. Of a few
 * readings the tightest counts: a process that is preempted between two clocks would be off by that.
 */
function hostScale(): number {
  let tightest = Number.POSITIVE_INFINITY
  let scale = 0
  for (let sample = 0; sample < 5; sample++) {
    const before = process.hrtime.bigint()
    const own = performance.now()
    const took = Number(process.hrtime.bigint() - before) / 1e6
    if (took < tightest) {
      tightest = took
      scale = Number(before) / 1e6 + took / 2 - own
    }
  }
  return scale
}

const HOST_SCALE = hostScale()

/** The clock of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now() + HOST_SCALE,
  setTimeout: (callback, ms) => new SystemTimer(callback, ms),
}

/** Waits; resolves true after `ms`, or false as soon as the signal aborts. Never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false)
  return new Promise(resolve => {
    const aborted = () => {
      timer.cancel()
      resolve(false)
    }
    const timer = clock.setTimeout(() => {
      forget?.()
      resolve(true)
    }, ms)
    const forget = signal && onAbort(signal, aborted)
  })
}

const listening = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls once when the signal, which has not aborted, aborts; what it returns takes that back. A signal has one listener
 * however many wait: its own list is searched from the start for each that comes or goes, and a busy route has thousands.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let known = listening.get(signal)
  if (known === undefined) {
    known = new Set()
    listening.set(signal, known)
    signal.addEventListener('abort', tellAborted, { once: true })
  }
  const callbacks = known
  const own = () => callback()
  callbacks.add(own)
  return () => {
    if (!callbacks.delete(own) || callbacks.size > 0 || listening.get(signal) !== callbacks) return
    // A combined signal with a listener is kept alive by Node until it aborts.
    listening.delete(signal)
    signal.removeEventListener('abort', tellAborted)
  }
}

function tellAborted(this: AbortSignal): void {
  const callbacks = listening.get(this)
  listening.delete(this)
  for (const callback of callbacks ?? []) callback()
}
