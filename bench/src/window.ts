/** What was done in one window. */
export interface Window {
  /** Exchanges that went all the way. */
  readonly count: number
  readonly nanoseconds: number
  /** What the processor gave for it: of the whole process in Node, of the sending thread alone in the JVM. */
  readonly cpuNanoseconds: number
}

/** How fast it went: by the clock, and by the processor's time, which neighbours on the machine disturb less. */
export interface Pace {
  readonly perSecond: number
  readonly perCpuSecond: number
}

export const paceOf = ({ count, nanoseconds, cpuNanoseconds }: Window): Pace => ({
  perSecond: (count / nanoseconds) * 1e9,
  perCpuSecond: (count / cpuNanoseconds) * 1e9,
})

/** Sends exchange number `i`; anything but undefined is awaited. */
export type Send = (i: number) => unknown

/** How many exchanges pass between two readings of the clock. */
const BATCH = 256

/** Sends one exchange after the other for `ms` milliseconds; at least one batch. The loop is the same for every contender. */
export async function runWindow(send: Send, ms: number): Promise<Window> {
  const cpuStart = process.cpuUsage()
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
  const cpu = process.cpuUsage(cpuStart)
  return { count, nanoseconds: Number(now - start), cpuNanoseconds: (cpu.user + cpu.system) * 1000 }
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
