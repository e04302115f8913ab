import type { Clock, ClockTimer } from '../../clock.ts'

/** When a line is written: after so many messages, or each time so long. */
export type Grouping =
  | { readonly size: number }
  | { readonly interval: number; readonly delay: number; readonly activeOnly: boolean }

/** Counts messages, and tells in groups how many came and how fast. Camel: `ThroughputLogger`. */
export class Throughput {
  readonly #clock: Clock
  readonly #grouping: Grouping
  readonly #write: (line: string) => void
  #total = 0
  #inGroup = 0
  /** The time of the first message; nothing is measured before. */
  #began: number | undefined
  #groupBegan = 0
  #timer: ClockTimer | undefined

  constructor(clock: Clock, grouping: Grouping, write: (line: string) => void) {
    this.#clock = clock
    this.#grouping = grouping
    this.#write = write
  }

  count(): void {
    this.#total++
    this.#inGroup++
    if (this.#began === undefined) {
      this.#began = this.#clock.monotonic()
      if ('size' in this.#grouping) this.#groupBegan = this.#began
    }
    if ('size' in this.#grouping && this.#inGroup >= this.#grouping.size) this.#tell(this.#clock.monotonic())
  }

  /** Begins to wait, where lines are written by time. */
  start(): void {
    if ('size' in this.#grouping) return
    this.#groupBegan = this.#clock.monotonic()
    this.#arm(this.#groupBegan + this.#grouping.delay, this.#grouping)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #arm(due: number, grouping: Extract<Grouping, { interval: number }>): void {
    this.#timer = this.#clock.setTimeout(() => {
      const now = this.#clock.monotonic()
      if (this.#inGroup > 0 || !grouping.activeOnly) this.#tell(now)
      else this.#groupBegan = now
      const next = due + grouping.interval
      // A loop that was blocked for long owes one line, not one for each interval it missed.
      this.#arm(next > now ? next : now + grouping.interval, grouping)
    }, due - this.#clock.monotonic())
  }

  #tell(now: number): void {
    const took = now - this.#groupBegan
    const all = now - (this.#began ?? now)
    this.#write(
      `Received ${this.#inGroup} messages in ${Math.round(took)} ms: ${rate(this.#inGroup, took)}; ` +
        `${this.#total} in all, on average ${rate(this.#total, all)}`,
    )
    this.#inGroup = 0
    this.#groupBegan = now
  }
}

/** Per second, with one decimal. */
function rate(count: number, ms: number): string {
  return ms > 0 ? `${Math.round((count * 10_000) / ms) / 10}/s` : 'unmeasured'
}
