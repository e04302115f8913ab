import { type ClockTimer, DromedaryError } from '@dromedary/core/component'
import type { PartitionOutcome, PortProducer, SendOutcome } from '../client/port.ts'
import { partitionOf } from './murmur2.ts'
import type { Pending } from './parcel.ts'
import { Queue } from './queue.ts'
import { type TopicOffice, TopicPartitions } from './topic-partitions.ts'

/** What the lanes of a sender share. */
export interface LaneOffice extends TopicOffice {
  readonly lingerMs: number
  readonly batchBytes: number
  readonly ignoreKeys: boolean
  /** What was marked before this turn has waited too long. */
  readonly expired: () => number
  readonly timeout: (topic: string) => DromedaryError
  readonly failure: (topic: string, error: unknown) => DromedaryError
  readonly succeeded: () => void
  /** It is settled, and gone. */
  readonly left: (pending: Pending) => void
}

/**
 * All that goes to one topic: one request at a time, so that what is tried again cannot be overtaken, while the next
 * batch gathers. Requests of different topics do not wait for each other.
 */
export class Lane {
  readonly topic: string
  readonly #office: LaneOffice
  readonly #partitions: TopicPartitions
  readonly #queue = new Queue<Pending>()
  readonly #stopped = new AbortController()
  #queuedBytes = 0
  #busy = false
  #linger: ClockTimer | undefined
  #spread: number
  #underWay: { readonly since: number; readonly abort: AbortController } | undefined

  constructor(topic: string, office: LaneOffice) {
    this.topic = topic
    this.#office = office
    this.#partitions = new TopicPartitions(topic, office)
    this.#spread = Math.floor(office.random() * 2 ** 20)
  }

  get isIdle(): boolean {
    return !this.#busy && this.#queue.length === 0
  }

  add(pending: Pending): void {
    this.#queue.push(pending)
    this.#queuedBytes += pending.bytes
    if (this.#busy) return
    const { lingerMs, batchBytes, clock } = this.#office
    if (lingerMs > 0 && this.#queuedBytes < batchBytes) {
      this.#linger ??= clock.setTimeout(() => this.#begin(), lingerMs)
    } else {
      this.#begin()
    }
  }

  /** Gives up what has waited too long. */
  expire(): void {
    const before = this.#office.expired()
    for (let one = this.#queue.peek(); one !== undefined && one.parcel.since < before; one = this.#queue.peek()) {
      this.#take()
      this.#fail(one, this.#office.timeout(this.topic))
    }
    if (this.#underWay && this.#underWay.since < before) this.#underWay.abort.abort(this.#office.timeout(this.topic))
  }

  /** Gives up everything. */
  stop(reason: DromedaryError): void {
    this.#linger?.cancel()
    this.#stopped.abort(reason)
    this.#underWay?.abort.abort(reason)
    this.#failAll(reason)
  }

  #begin(): void {
    this.#linger?.cancel()
    this.#linger = undefined
    this.#busy = true
    // What is sent within the same turn of the event loop goes together.
    queueMicrotask(() => void this.#run())
  }

  async #run(): Promise<void> {
    const isWanted = () => this.#queue.length > 0
    while (isWanted()) {
      try {
        const producer = await this.#partitions.known(isWanted, this.#stopped.signal)
        const batch = this.#gather()
        if (producer !== undefined && batch.length > 0) await this.#write(producer, batch)
      } catch (error) {
        this.#failAll(this.#office.failure(this.topic, error))
      }
    }
    this.#busy = false
  }

  /** The next batch, without what may not be written any more: this is the moment at which it is handed over. */
  #gather(): Pending[] {
    // No literal, for decision 16.
    const batch = Array.of<Pending>()
    let bytes = 0
    let asked: Pending['parcel']['guard']
    let isValid = true
    for (let one = this.#queue.peek(); one !== undefined; one = this.#queue.peek()) {
      if (batch.length > 0 && bytes + one.bytes > this.#office.batchBytes) break
      this.#take()
      const { guard } = one.parcel
      if (guard !== undefined && guard !== asked) {
        asked = guard
        isValid = guard.isValid()
      }
      if (guard !== undefined && !isValid) this.#fail(one, notLeader(this.topic))
      else if ((one.record.partition ?? 0) >= this.#partitions.count)
        this.#fail(one, noPartition(one, this.#partitions.count))
      else {
        batch.push(one)
        bytes += one.bytes
      }
    }
    return batch
  }

  async #write(producer: PortProducer, batch: readonly Pending[]): Promise<void> {
    const spread = this.#spread++ % this.#partitions.count
    const parts = Map.groupBy(batch, one => this.#partitionOf(one, spread))
    const outcome = await this.#send(producer, parts)
    for (const [partition, part] of parts) {
      const result = outcome.get(partition)
      if (result) await this.#settle(producer, partition, part, result)
    }
  }

  /** A broker takes the records of a partition together or not at all; what it rejects is tried in halves, down to the culprit. */
  async #settle(
    producer: PortProducer,
    partition: number,
    part: readonly Pending[],
    result: PartitionOutcome,
  ): Promise<void> {
    if (result.written) {
      this.#office.succeeded()
      let offset = Number(result.offset)
      for (const one of part) {
        one.parcel.written(one.at, this.topic, partition, offset)
        this.#office.left(one)
        if (offset >= 0) offset++
      }
    } else if (result.rejected && part.length > 1) {
      const middle = part.length >> 1
      for (const all of [part.slice(0, middle), part.slice(middle)]) {
        const half = all.filter(one => this.#mayLeave(one))
        if (half.length === 0) continue
        const again = (await this.#send(producer, new Map([[partition, half]]))).get(partition)
        if (again) await this.#settle(producer, partition, half, again)
      }
    } else {
      const error = this.#office.failure(this.topic, result.error)
      for (const one of part) this.#fail(one, error)
    }
  }

  async #send(producer: PortProducer, parts: ReadonlyMap<number, readonly Pending[]>): Promise<SendOutcome> {
    const abort = new AbortController()
    const since = Math.min(...[...parts.values()].map(part => part[0]?.parcel.since ?? 0))
    this.#underWay = { since, abort }
    const records = new Map([...parts].map(([partition, part]) => [partition, part.map(({ record }) => record)]))
    try {
      this.#stopped.signal.throwIfAborted()
      return await producer.send(this.topic, records, abort.signal)
    } catch (error) {
      // The context stops: the producer may be closed.
      return new Map([...parts.keys()].map(partition => [partition, { written: false, error, rejected: false }]))
    } finally {
      this.#underWay = undefined
    }
  }

  /** Asked before each request: fails it if not. */
  #mayLeave(one: Pending): boolean {
    if (one.parcel.guard?.isValid() !== false) return true
    this.#fail(one, notLeader(this.topic))
    return false
  }

  #partitionOf({ record: { partition, key } }: Pending, spread: number): number {
    if (partition !== undefined) return partition
    const { count } = this.#partitions
    return key === undefined || this.#office.ignoreKeys ? spread : partitionOf(key, count)
  }

  #take(): Pending | undefined {
    const one = this.#queue.shift()
    if (one !== undefined) this.#queuedBytes -= one.bytes
    return one
  }

  #failAll(error: unknown): void {
    for (let one = this.#take(); one !== undefined; one = this.#take()) this.#fail(one, error)
  }

  #fail(one: Pending, error: unknown): void {
    one.parcel.failed(error)
    this.#office.left(one)
  }
}

const notLeader = (topic: string) =>
  new DromedaryError('DROMEDARY_NOT_LEADER', `refused to write to ${topic}: the leadership of the exchange has ended`)

const noPartition = ({ record }: Pending, partitions: number) =>
  new DromedaryError(
    'DROMEDARY_KAFKA_RECORD',
    `partition ${record.partition} of ${record.topic} does not exist: it has ${partitions}, counted from 0`,
  )
