import { type ClockTimer, type Exchange, isDromedaryError, messageOf, type RouteEntry } from '@dromedary/core/component'
import type { FetchedPartition, TopicPartition } from '../client/port.ts'
import { Batcher } from './batcher.ts'
import { Cursor } from './cursor.ts'
import type { ExchangeMaker } from './exchange-maker.ts'
import type { FailedRecords, Verdict } from './failed-records.ts'
import { OpenOffsets } from './open-offsets.ts'
import type { Unit } from './unit.ts'

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
  readonly #batcher: Batcher | undefined
  /** Of what is under way, or waits to be tried again. */
  readonly #open = new OpenOffsets()
  /** What failed, or was not taken, and is tried again after the wait. */
  readonly #again: { readonly unit: Unit; readonly attempt: number }[] = []
  #inFlight = 0
  #held = false
  #ended = false
  #waiting: ClockTimer | undefined
  #isRunning = false
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
    const { batchSize, batchWaitMs } = parts.rules
    if (batchSize !== undefined) this.#batcher = new Batcher(this.#cursor, batchSize, batchWaitMs, this.#entry.clock)
  }

  /** All before it is done, and what is at it is not. */
  get position(): number {
    return this.#open.first(this.#cursor.offset)
  }

  get nextFetch(): bigint {
    return this.#cursor.nextFetch
  }

  /** Whether more should be fetched. */
  get isHungry(): boolean {
    return !this.#ended && (this.#cursor.depth < DEPTH || this.#batcher?.isWaiting === true)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  feed(fetched: FetchedPartition): void {
    if (this.#ended) return
    this.#cursor.feed(fetched)
    // A batch that waits for more may be full now.
    if (this.#batcher?.isWaiting) this.#stopWaiting()
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
        const again = this.#again.shift()
        if (again !== undefined) this.#enter(this.#exchangeOf(again.unit), again.unit, again.attempt)
        else if (this.#cursor.record === undefined) break
        else if (this.#batcher === undefined) this.#single()
        else this.#batch(this.#batcher)
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
    this.#open.begin(offset)
    cursor.advance()
    const ended = exchange.failed ? this.#entry.context.complete(exchange) : this.#entry.process(exchange)
    if (ended === undefined && !exchange.failed) this.#open.done(offset)
    else this.#later(ended, exchange, { offset, records: [{ batch, record, offset }], isLast }, 1)
  }

  #batch(batcher: Batcher): void {
    const waitMs = batcher.waitMs()
    if (waitMs > 0) this.#wait(waitMs)
    else {
      const unit = batcher.take()
      this.#open.begin(unit.offset)
      this.#enter(this.#exchangeOf(unit), unit, 1)
    }
  }

  #exchangeOf(unit: Unit): Exchange {
    const last = unit.records.length - 1
    const parts = unit.records.map(({ batch, record, offset }, at) =>
      this.#maker.make(batch, record, offset, unit.isLast && at === last),
    )
    const [only] = parts
    if (this.#batcher === undefined && only !== undefined) return only
    return this.#maker.batch(parts, unit.records[last]?.offset ?? unit.offset)
  }

  #enter(exchange: Exchange, unit: Unit, attempt: number): void {
    const ended = exchange.failed ? this.#entry.context.complete(exchange) : this.#entry.process(exchange)
    this.#later(ended, exchange, unit, attempt)
  }

  #later(ended: void | Promise<void>, exchange: Exchange, unit: Unit, attempt: number): void {
    this.#inFlight++
    if (ended === undefined) this.#settle(exchange, unit, attempt)
    else {
      void ended.then(() => {
        this.#settle(exchange, unit, attempt)
        this.#run()
      })
    }
  }

  #settle(exchange: Exchange, unit: Unit, attempt: number): void {
    const { exception } = exchange
    if (!exchange.failed) this.#done(unit)
    else if (this.#ended) this.#left()
    else if (isNotTaken(exception)) this.#refused(unit, attempt, exception)
    else {
      const verdict = this.#failed.judge(this.place, unit, exchange, attempt)
      if (!(verdict instanceof Promise)) this.#follow(verdict, unit, attempt, exception)
      else {
        void verdict.then(settled => {
          this.#follow(settled, unit, attempt, exception)
          this.#run()
        })
      }
    }
  }

  #follow(verdict: Verdict, unit: Unit, attempt: number, exception: unknown): void {
    if (verdict.kind === 'done') this.#done(unit)
    else if (verdict.kind === 'again') this.#retry(unit, attempt + 1, verdict.afterMs)
    else {
      this.#again.push({ unit, attempt: 1 })
      this.#left()
      this.#owner.stopped(exception)
    }
  }

  #refused(unit: Unit, attempt: number, error: unknown): void {
    const { topic, partition } = this.place
    if (!this.#isRefused) this.#entry.log.info(`${topic}-${partition}@${unit.offset} waits: ${messageOf(error)}`)
    this.#isRefused = true
    this.#retry(unit, attempt, this.#rules.refusedDelayMs)
  }

  #retry(unit: Unit, attempt: number, afterMs: number): void {
    this.#again.push({ unit, attempt })
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
    this.#open.done(unit.offset)
    this.#left()
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
