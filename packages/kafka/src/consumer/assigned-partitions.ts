import { DromedaryError, type RouteEntry, sleep } from '@dromedary/core/component'
import { backOff } from '../client/back-off.ts'
import type { PartitionOffset, PortMember, TopicPartition } from '../client/port.ts'
import { ExchangeMaker, type ExchangeRules } from './exchange-maker.ts'
import type { FailedRecords } from './failed-records.ts'
import { keyOf } from './keys.ts'
import { PartitionRun, type RunRules } from './partition-run.ts'
import type { Start, StartOffsets } from './start-offsets.ts'

export interface AssignedParts {
  readonly entry: RouteEntry
  readonly member: PortMember
  readonly starts: StartOffsets
  readonly exchanges: ExchangeRules
  readonly run: RunRules
  readonly failed: FailedRecords
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  /** Aborts at the end. */
  readonly signal: AbortSignal
  readonly commit: (place: TopicPartition, next: number) => Promise<void>
  /** These have begun; perhaps none. */
  readonly onBegun: (starts: readonly Start[]) => void
  /** It could not be found out where to begin. */
  readonly onFailed: (error: unknown) => void
  readonly onGone: (run: PartitionRun) => void
  readonly onHungry: () => void
  readonly onIdle: () => void
  readonly onStop: (error: unknown) => void
}

/** The partitions that belong to a member now, each with its run. */
export class AssignedPartitions {
  /** By {@link keyOf}. */
  readonly runs = new Map<string, PartitionRun>()
  readonly #parts: AssignedParts
  #held = false
  /** Counts what was assigned, so that an answer that comes too late is known as such. */
  #assignment = 0

  constructor(parts: AssignedParts) {
    this.#parts = parts
  }

  get inFlight(): number {
    let inFlight = 0
    for (const run of this.runs.values()) inFlight += run.inFlight
    return inFlight
  }

  /** All before these is done. */
  get positions(): PartitionOffset[] {
    return [...this.runs.values()].map(run => ({ ...run.place, offset: BigInt(run.position) }))
  }

  /** Nothing enters until {@link release}, whatever is assigned meanwhile. */
  hold(): void {
    this.#held = true
    this.pause()
  }

  /** Nothing enters until the next {@link assign}. */
  pause(): void {
    for (const run of this.runs.values()) run.hold()
  }

  release(): void {
    this.#held = false
    for (const run of this.runs.values()) run.release()
  }

  end(): void {
    for (const run of this.runs.values()) run.end()
    this.runs.clear()
  }

  assign(partitions: readonly TopicPartition[], isContinuous: boolean): void {
    const mine = new Set(partitions.map(keyOf))
    for (const [key, run] of this.runs) {
      if (!isContinuous || !mine.has(key)) this.#drop(run)
      else if (!this.#held) run.release()
    }
    const added = partitions.filter(place => !this.runs.has(keyOf(place)))
    void this.#begin(added, ++this.#assignment)
  }

  /** The offset that a run is to go on at is not in its partition. */
  async outOfRange(run: PartitionRun): Promise<void> {
    const { starts, member, entry } = this.#parts
    const at = { ...run.place, offset: run.nextFetch }
    const offset = await starts.outOfRange(member, at)
    const place = `${keyOf(run.place)}@${at.offset}`
    if (this.runs.get(keyOf(run.place)) !== run || offset === at.offset) return
    run.end()
    this.runs.delete(keyOf(run.place))
    if (offset === undefined) return this.#noOffset(place)
    entry.log.warn(`${place} is not in the topic any more: records were lost, and it goes on at ${offset}`)
    this.#open({ ...at, offset })
  }

  /** Begins with partitions that are new here, once it is known where. */
  async #begin(places: readonly TopicPartition[], assignment: number): Promise<void> {
    const { entry, member, signal, starts, onBegun, onFailed, retryBackoffMs, retryBackoffMaxMs } = this.#parts
    if (places.length === 0) return onBegun([])
    const isLate = () => this.#assignment !== assignment || signal.aborted
    for (let attempt = 1; !isLate(); attempt++) {
      try {
        const found = await starts.find(member, places)
        if (isLate()) return
        for (const start of found.starts) this.#open(start)
        if (found.nowhere.length > 0) this.#noOffset(found.nowhere.map(keyOf).join(', '))
        return onBegun(found.starts)
      } catch (error) {
        onFailed(error)
        await sleep(entry.clock, backOff(attempt, retryBackoffMs, retryBackoffMaxMs, Math.random), signal)
      }
    }
  }

  #open(start: PartitionOffset): void {
    const { entry, exchanges, run: rules, failed, commit, onHungry, onIdle, onStop } = this.#parts
    const place = { topic: start.topic, partition: start.partition }
    const maker = new ExchangeMaker(entry, exchanges, place, commit)
    const idle = () => {
      if (this.inFlight === 0) onIdle()
    }
    const owner = { hungry: onHungry, idle, stopped: onStop }
    const run = new PartitionRun(place, start.offset, { entry, rules, maker, failed, owner })
    if (this.#held) run.hold()
    this.runs.set(keyOf(place), run)
  }

  #drop(run: PartitionRun): void {
    run.end()
    this.runs.delete(keyOf(run.place))
    this.#parts.onGone(run)
  }

  #noOffset(places: string): void {
    const help = 'set autoOffsetReset to earliest or latest, or reset the offsets of the group'
    const what = `nothing says where to begin with ${places}, and autoOffsetReset is none: ${help}`
    this.#parts.entry.reportError(new DromedaryError('DROMEDARY_KAFKA_OFFSET', what), 'reading from Kafka')
  }
}
