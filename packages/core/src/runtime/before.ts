import { type Clock, onAbort, sleep } from '../clock.ts'

/** Whether it came in time; it never rejects. Deadlines are monotonic. */
export async function before(clock: Clock, deadline: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(clock, Math.max(0, deadline - clock.monotonic()), timer.signal).then(() => false)
  const inTime = await Promise.race([work.then(() => true), late])
  timer.abort()
  return inTime
}

/** Waits for what never rejects, at the longest until the signal aborts. */
export const orAborted = (work: Promise<unknown>, signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise(resolve => {
        const forget = onAbort(signal, resolve)
        void work.then(() => {
          forget()
          resolve()
        })
      })
