import type { ClockTimer, Consumer, LogLevel, RouteEntry } from '@dromedary/core/component'
import { NAMES } from '@dromedary/core/component'
import type { TimerSettings } from './options.ts'

/** What a timer is to do. */
export interface TimerPlan {
  readonly name: string
  readonly settings: TimerSettings
  /** Of the first event, instead of the delay. */
  readonly time: Date | undefined
  /** Secrets masked. */
  readonly uri: string
}

/** Without a pause, so many events run before others have their turn. */
const EVENTS_PER_TURN = 100

/**
 * Ticks as Java's `Timer` does: the next event is due one period after the start of this one (after its planned start
 * with `fixedRate`), and runs as soon as this one is done when that is later.
 */
export class TimerConsumer implements Consumer {
  readonly #entry: RouteEntry
  readonly #plan: TimerPlan
  readonly #level: LogLevel | undefined
  #timer: ClockTimer | undefined
  #isOpen = false
  #isRunning = false
  #count = 0
  /** Monotonic time of the next event; undefined when there is none. */
  #due: number | undefined

  constructor(entry: RouteEntry, plan: TimerPlan) {
    this.#entry = entry
    this.#plan = plan
    const level = plan.settings.runLoggingLevel
    this.#level = level === 'OFF' ? undefined : (level.toLowerCase() as LogLevel)
  }

  start(): void {
    const { clock } = this.#entry
    const { settings, time } = this.#plan
    const delay = time === undefined ? settings.delay : time.getTime() - clock.now()
    // A time that has passed stays the base of a fixed rate: what was missed since then is made up for.
    const base = time !== undefined && settings.fixedRate ? delay : Math.max(0, delay)
    this.#due = clock.monotonic() + base
    this.#isOpen = true
    this.#arm()
  }

  quiesce(): void {
    this.#isOpen = false
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** The count goes on; what would have fired meanwhile has passed. */
  resume(): void {
    const now = this.#entry.clock.monotonic()
    const { period } = this.#plan.settings
    if (this.#due !== undefined && this.#due < now && !this.#isHurried) {
      this.#due = period > 0 ? this.#due + Math.ceil((now - this.#due) / period) * period : undefined
    }
    this.#isOpen = true
    if (!this.#isRunning) this.#arm()
  }

  close(): void {
    this.quiesce()
  }

  /** As fast as the route takes them. */
  get #isHurried(): boolean {
    return this.#plan.settings.delay < 0
  }

  #arm(): void {
    if (!this.#isOpen || this.#due === undefined) return
    this.#timer?.cancel()
    const wait = Math.max(0, this.#due - this.#entry.clock.monotonic())
    this.#timer = this.#entry.clock.setTimeout(() => this.#turn(), wait)
    if (this.#plan.settings.daemon) this.#timer.unref()
  }

  /** One event, and those that are already due after it. */
  #turn(): void {
    for (let events = 0; events < EVENTS_PER_TURN; events++) {
      if (!this.#isOpen || this.#due === undefined || this.#due > this.#entry.clock.monotonic()) break
      const pending = this.#fire(this.#due)
      if (pending !== undefined) {
        void pending.then(() => {
          this.#fired()
          this.#arm()
        })
        return
      }
      this.#fired()
    }
    this.#arm()
  }

  #fire(planned: number): void | Promise<void> {
    this.#count++
    this.#due = this.#dueAfter(planned)
    this.#isRunning = true
    this.#log(`Timer task started on: ${this.#plan.uri}`)
    return this.#entry.process(this.#exchange())
  }

  #fired(): void {
    this.#isRunning = false
    this.#log(`Timer task completed on: ${this.#plan.uri}`)
  }

  #dueAfter(planned: number): number | undefined {
    const { repeatCount = 0, period, fixedRate } = this.#plan.settings
    if (repeatCount > 0 && this.#count >= repeatCount) return undefined
    if (this.#isHurried) return planned
    if (period <= 0) return undefined
    return (fixedRate ? planned : this.#entry.clock.monotonic()) + period
  }

  #exchange() {
    const { name, settings, time } = this.#plan
    const exchange = this.#entry.createExchange(null)
    if (!settings.includeMetadata) return exchange
    const now = new Date(this.#entry.clock.now())
    exchange.setProperty('CamelTimerCounter', this.#count).setProperty('CamelTimerName', name)
    exchange.setProperty('CamelTimerPeriod', settings.period).setProperty('CamelTimerFiredTime', now)
    if (time !== undefined) exchange.setProperty('CamelTimerTime', time)
    exchange.message.setHeader('CamelTimerFiredTime', now).setHeader(NAMES.messageTimestamp, now.getTime())
    return exchange
  }

  #log(line: string): void {
    if (this.#level !== undefined && this.#entry.log.isEnabled(this.#level)) this.#entry.log.log(this.#level, line)
  }
}
