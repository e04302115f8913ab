/** What was done in one window. */
export interface Window {
  /** Exchanges that went all the way. */
  readonly count: number
  readonly nanoseconds: number
}

export const perSecond = (window: Window): number => (window.count / window.nanoseconds) * 1e9

/** Sends exchange number `i`; anything but undefined is awaited. */
export type Send = (i: number) => unknown

/** How many exchanges pass between two readings of the clock. */
const BATCH = 256

/** Sends one exchange after the other for `ms` milliseconds; at least one batch. The loop is the same for every contender. */
export async function runWindow(send: Send, ms: number): Promise<Window> {
  const start = process.hrtime.bigint()
  const end = start + BigInt(Math.round(ms * 1e6))
  let count = 0
  let now = start
  do {
    const stop = count + BATCH
    while (count < stop) {
      count = sendUntilPending(send, count, stop)
      if (pending !== undefined) await pending
    }
    now = process.hrtime.bigint()
  } while (now < end)
  return { count, nanoseconds: Number(now - start) }
}

/** What the last exchange of {@link sendUntilPending} waits for; beside it, so that the loop allocates nothing. */
let pending: unknown

function sendUntilPending(send: Send, from: number, to: number): number {
  pending = undefined
  let i = from
  while (i < to) {
    const result = send(i++)
    if (result !== undefined) {
      pending = result
      break
    }
  }
  return i
}
