import { type ClockTimer, type Exchange, isDromedaryError, messageOf, type RouteEntry } from '@dromedary/core/component'
import type { FetchedPartition, TopicPartition } from '../client/port.ts'
import { Cursor } from './cursor.ts'
import type { ExchangeMaker } from './exchange-maker.ts'
import type { FailedRecords } from './failed-records.ts'
import type { PlacedAt, Unit } from './unit.ts'

export interface RunRules {
  readonly maxInFlight: number
  /** Records of one exchange; undefined without batching. */
  readonly batchSize: number | undefined
  readonly batchWaitMs: number
  /** Until a record is tried again that the route did not take, because it takes nothing now. */
  readonly refusedDelayMs: number
}

/** Whom a partition's run tells. */
export interface RunOwner {
  /** It has room for more. */
  hungry(): void
  /** Nothing of it is under way any more. */
  idle(): void
  /** A failed record stops the consumer. */
  stopped(error: unknown): void
}

/** Answers of a broker that may wait behind the one at work: enough that the route never waits for the network. */
const DEPTH = 2

/** The records of one assigned partition on their way into the route, in order; and how far it is done. */
export class PartitionRun {
  readonly place: TopicPartition
  readonly #entry: RouteEntry
  readonly #rules: RunRules
  readonly #maker: ExchangeMaker
  readonly #failed: FailedRecords
  readonly #owner: RunOwner
  readonly #cursor: Cursor
  /** First offsets of what is under way, or waits to be tried again; few, and about in order. */
  readonly #open: number[] = []
  #inFlight = 0
  #held = false
  #ended = false
  #waiting: ClockTimer | undefined
  #again: { readonly unit: Unit; readonly attempt: number } | undefined
  #isRunning = false
  /** Monotonic time at which a batch goes that is not full; only while one waits. */
  #due: number | undefined
  /** That the route takes nothing was said. */
  #isRefused = false

  constructor(
    place: TopicPartition,
    start: bigint,
    parts: {
      readonly entry: RouteEntry
      readonly rules: RunRules
      readonly maker: ExchangeMaker
      readonly failed: FailedRecords
      readonly owner: RunOwner
    },
  ) {
    this.place = place
    this.#entry = parts.entry
    this.#rules = parts.rules
    this.#maker = parts.maker
    this.#failed = parts.failed
    this.#owner = parts.owner
    this.#cursor = new Cursor(start)
  }

  /** All before it is done, and what is at it is not. */
  get position(): number {
    let first = this.#cursor.offset
    for (const offset of this.#open) if (offset < first) first = offset
    return first
  }

  get nextFetch(): bigint {
    return this.#cursor.nextFetch
  }

  /** Whether more should be fetched. */
  get isHungry(): boolean {
    return !this.#ended && (this.#cursor.depth < DEPTH || this.#due !== undefined)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  feed(fetched: FetchedPartition): void {
    if (this.#ended) return
    this.#cursor.feed(fetched)
    // A batch that waits for more may be full now.
    if (this.#due !== undefined) this.#stopWaiting()
    this.#run()
  }

  /** Lets nothing in until {@link release}. */
  hold(): void {
    this.#held = true
    this.#stopWaiting()
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    this.#run()
  }

  /** It belongs to somebody else, or the consumer closes: nothing more enters. What is under way ends, for nothing. */
  end(): void {
    this.#ended = true
    this.hold()
  }

  #run(): void {
    // An exchange may end within the call that began it.
    if (this.#isRunning) return
    this.#isRunning = true
    const depth = this.#cursor.depth
    try {
      while (!this.#held && this.#waiting === undefined && this.#inFlight < this.#rules.maxInFlight) {
        if (this.#again !== undefined) {
          const { unit, attempt } = this.#again
          this.#again = undefined
          this.#enter(this.#exchangeOf(unit), unit, attempt)
        } else if (this.#cursor.record === undefined) break
        else if (this.#rules.batchSize === undefined) this.#single()
        else if (!this.#batch(this.#rules.batchSize)) break
      }
    } finally {
      this.#isRunning = false
    }
    if (this.#cursor.depth < depth && this.isHungry) this.#owner.hungry()
  }

  /** The way of most records: no object but the exchange, and no promise. */
  #single(): void {
    const cursor = this.#cursor
    const { batch, record, offset } = cursor
    if (batch === undefined || record === undefined) return
    const isLast = this.#maker.marksLast && !cursor.has(2)
    const exchange = this.#maker.make(batch, record, offset, isLast)
    this.#open.push(offset)
    cursor.advance()
    const ended = exchange.failed ? this.#entry.context.complete(exchange) : this.#entry.process(exchange)
    if (ended === undefined && !exchange.failed) this.#close(offset)
    else this.#later(ended, exchange, { offset, records: [{ batch, record, offset }], isLast }, 1)
  }

  /** Whether there was one to go: it may have to wait for more records. */
  #batch(size: number): boolean {
    const records: PlacedAt[] = []
    if (!this.#isDue(size)) return false
    const cursor = this.#cursor
    while (records.length < size && cursor.record !== undefined && cursor.batch !== undefined) {
      records.push({ batch: cursor.batch, record: cursor.record, offset: cursor.offset })
      cursor.advance()
    }
    const unit = { offset: records[0]?.offset ?? 0, records, isLast: cursor.record === undefined }
    this.#open.push(unit.offset)
    this.#enter(this.#exchangeOf(unit), unit, 1)
    return true
  }

  #isDue(size: number): boolean {
    const { batchWaitMs } = this.#rules
    if (batchWaitMs === 0 || this.#cursor.has(size)) {
      this.#due = undefined
      return true
    }
    const now = this.#entry.clock.monotonic()
    this.#due ??= now + batchWaitMs
    if (now >= this.#due) {
      this.#due = undefined
      return true
    }
    this.#wait(this.#due - now)
    return false
  }

  #exchangeOf(unit: Unit): Exchange {
    const last = unit.records.length - 1
    const parts = unit.records.map(({ batch, record, offset }, at) =>
      this.#maker.make(batch, record, offset, unit.isLast && at === last),
    )
    const [only] = parts
    if (this.#rules.batchSize === undefined && only !== undefined) return only
    return this.#maker.batch(parts, unit.records[last]?.offset ?? unit.offset)
  }

  #enter(exchange: Exchange, unit: Unit, attempt: number): void {
    const ended = exchange.failed ? this.#entry.context.complete(exchange) : this.#entry.process(exchange)
    this.#later(ended, exchange, unit, attempt)
  }

  #later(ended: void | Promise<void>, exchange: Exchange, unit: Unit, attempt: number): void {
    this.#inFlight++
    if (ended === undefined) return this.#settle(exchange, unit, attempt)
    void ended.then(() => {
      this.#settle(exchange, unit, attempt)
      this.#run()
    })
  }

  #settle(exchange: Exchange, unit: Unit, attempt: number): void {
    if (!exchange.failed) return this.#done(unit)
    if (this.#ended) return this.#left()
    const { exception } = exchange
    if (isNotTaken(exception)) return this.#refused(unit, attempt, exception)
    const verdict = this.#failed.judge(this.place, unit, exception, attempt)
    const follow = (verdict: Awaited<ReturnType<FailedRecords['judge']>>) => {
      if (verdict.kind === 'done') return this.#done(unit)
      if (verdict.kind === 'again') return this.#retry(unit, attempt + 1, verdict.afterMs)
      this.#again = { unit, attempt: 1 }
      this.#left()
      this.#owner.stopped(exception)
    }
    if (!(verdict instanceof Promise)) return follow(verdict)
    void verdict.then(settled => {
      follow(settled)
      this.#run()
    })
  }

  #refused(unit: Unit, attempt: number, error: unknown): void {
    const { topic, partition } = this.place
    if (!this.#isRefused) this.#entry.log.info(`${topic}-${partition}@${unit.offset} waits: ${messageOf(error)}`)
    this.#isRefused = true
    this.#retry(unit, attempt, this.#rules.refusedDelayMs)
  }

  #retry(unit: Unit, attempt: number, afterMs: number): void {
    this.#again = { unit, attempt }
    this.#left()
    if (!this.#ended) this.#wait(afterMs)
  }

  #wait(ms: number): void {
    if (this.#held || this.#waiting !== undefined) return
    this.#waiting = this.#entry.clock.setTimeout(() => {
      this.#waiting = undefined
      this.#run()
    }, ms)
  }

  #stopWaiting(): void {
    this.#waiting?.cancel()
    this.#waiting = undefined
  }

  #done(unit: Unit): void {
    this.#isRefused = false
    this.#close(unit.offset)
    this.#left()
  }

  #close(offset: number): void {
    const open = this.#open
    if (open[open.length - 1] === offset) open.pop()
    else open.splice(open.indexOf(offset), 1)
  }

  #left(): void {
    if (--this.#inFlight === 0) this.#owner.idle()
  }
}

/** The route or the leader takes nothing now: that says nothing of the record. */
function isNotTaken(error: unknown): boolean {
  return (
    isDromedaryError(error, 'DROMEDARY_NOT_ACCEPTING') ||
    isDromedaryError(error, 'DROMEDARY_NOT_LEADER') ||
    isDromedaryError(error, 'DROMEDARY_INTERRUPTED')
  )
}
