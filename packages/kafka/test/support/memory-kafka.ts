import type { Clock } from '@dromedary/core'
import type { ConnectionSettings } from '../../src/client/connection.ts'
import type { OpenClient } from '../../src/client/open.ts'
import type {
  FailureKind,
  FetchedPartition,
  KafkaClient,
  KafkaRecord,
  PartitionOutcome,
  PortProducer,
  ProducerSettings,
  TopicPartition,
} from '../../src/client/port.ts'
import { keyOf } from '../../src/consumer/keys.ts'
import { bytesOf } from './bytes.ts'
import { MemoryGroup } from './memory-group.ts'
import { MemoryMember } from './memory-member.ts'

/** An error of a kind that the port knows. */
export class KafkaFault extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string = kind) {
    super(message)
    this.kind = kind
  }
}

export interface PlacedRecord extends KafkaRecord {
  readonly partition: number
}

/** What a call of a producer carried. */
export interface Sent {
  readonly topic: string
  readonly records: readonly PlacedRecord[]
}

/** Brokers in memory behind the component's port: to test what the component makes of them, faults included. */
export class MemoryKafka {
  readonly clock: Clock
  /** Records by partition; undefined where one was removed. */
  readonly logs = new Map<string, PlacedRecord[]>()
  readonly starts = new Map<string, number>()
  readonly groups = new Map<string, MemoryGroup>()
  readonly sent: Sent[] = []
  /** Every call is refused with it. */
  fault: KafkaFault | undefined
  /** Fails the fetches of a partition. */
  readonly fetchFaults = new Map<string, KafkaFault>()
  /** What a producer is told of a partition instead of writing. */
  reject: ((record: PlacedRecord) => boolean) | undefined
  /** While set, calls of producers wait. */
  gate: Promise<void> | undefined
  producers = 0
  /** Calls for a topic that were under way at once, at most. */
  concurrent = 0
  readonly #underWay = new Map<string, number>()
  readonly producerSettings: ProducerSettings[] = []
  clients = 0
  readers = 0
  readonly opened: ConnectionSettings[] = []
  #arrived = new Set<() => void>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  topic(name: string, partitions = 1): this {
    for (let partition = 0; partition < partitions; partition++) {
      if (!this.logs.has(keyOf({ topic: name, partition }))) this.logs.set(keyOf({ topic: name, partition }), [])
    }
    return this
  }

  partitionsOf(topic: string): number {
    let count = 0
    while (this.logs.has(keyOf({ topic, partition: count }))) count++
    return count
  }

  log(topic: string, partition = 0): PlacedRecord[] {
    const log = this.logs.get(keyOf({ topic, partition }))
    if (log === undefined) throw new KafkaFault('unknown-topic', `no partition ${partition} of ${topic}`)
    return log
  }

  /** Texts, one record each. */
  write(
    topic: string,
    values: readonly (string | Buffer | null)[],
    partition = 0,
    more: Partial<PlacedRecord> = {},
  ): void {
    for (const value of values) {
      this.log(topic, partition).push({ topic, value: value === null ? null : Buffer.from(value), ...more, partition })
    }
    for (const arrived of [...this.#arrived]) arrived()
  }

  /** What a topic holds, as text. */
  values(topic: string, partition = 0): string[] {
    return this.log(topic, partition).map(({ value }) => String(value))
  }

  group(id: string): MemoryGroup {
    const known = this.groups.get(id) ?? new MemoryGroup(this)
    this.groups.set(id, known)
    return known
  }

  /** Where a group is. */
  committed(groupId: string, topic: string, partition = 0): number | undefined {
    const offset = this.group(groupId).committed.get(keyOf({ topic, partition }))
    return offset === undefined ? undefined : Number(offset)
  }

  /** Resolves when something is written, or after `ms`. */
  arrival(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        timer.cancel()
        this.#arrived.delete(done)
        resolve()
      }
      const timer = this.clock.setTimeout(done, ms)
      this.#arrived.add(done)
    })
  }

  /** Ends all waits. */
  wake(): void {
    for (const arrived of [...this.#arrived]) arrived()
  }

  check(): void {
    if (this.fault) throw this.fault
  }

  readonly open: OpenClient = async connection => {
    this.opened.push(connection)
    this.clients++
    return this.#client()
  }

  fetched(place: TopicPartition, from: bigint): FetchedPartition | undefined {
    const fault = this.fetchFaults.get(keyOf(place))
    if (fault) throw fault
    const log = this.log(place.topic, place.partition)
    const start = this.starts.get(keyOf(place)) ?? 0
    if (Number(from) < start || Number(from) > log.length) throw new KafkaFault('out-of-range')
    const records = log.slice(Number(from), Number(from) + 1_000)
    if (records.length === 0) return undefined
    return {
      ...place,
      nextOffset: from + BigInt(records.length),
      batches: [
        {
          firstOffset: from,
          firstTimestamp: 1_000n,
          records: records.map(({ key, value, headers, timestamp }, offsetDelta) => ({
            offsetDelta,
            timestampDelta: (timestamp ?? 1_000n) - 1_000n,
            key: bytesOf(key),
            value: bytesOf(value),
            headers: (headers ?? []).map(([name, bytes]) => [Buffer.from(name), bytes] as const),
          })),
        },
      ],
    }
  }

  #client(): KafkaClient {
    return {
      producer: settings => this.#producer(settings),
      member: settings => new MemoryMember(this, settings),
      reader: () => {
        this.readers++
        return {
          partitions: async topic => {
            this.check()
            return this.partitionsOf(topic)
          },
          edges: async (places, edge) =>
            places.map(place => {
              const first = this.starts.get(keyOf(place)) ?? 0
              return { ...place, offset: BigInt(edge === 'earliest' ? first : this.log(place.topic).length) }
            }),
          lastStableOffset: async (topic, partition) => BigInt(this.log(topic, partition).length),
          read: async ({ offset, ...place }, _maxBytes, maxWaitMs) => {
            this.check()
            const found = this.fetched(place, offset)
            if (found) return found
            await this.arrival(maxWaitMs)
            this.check()
            return this.fetched(place, offset) ?? { ...place, nextOffset: offset, batches: [] }
          },
          close: async () => {
            this.readers--
          },
        }
      },
      kindOf: error => (error instanceof KafkaFault ? error.kind : 'retriable'),
      explain: error => (error instanceof Error ? error.message : String(error)),
    }
  }

  #producer(settings: ProducerSettings): PortProducer {
    const { onRetry } = settings
    this.producerSettings.push(settings)
    this.producers++
    let isClosed = false
    const attempt = async (topic: string, records: readonly PlacedRecord[], signal: AbortSignal) => {
      for (;;) {
        await this.gate
        if (signal.aborted) return failed(records, signal.reason)
        if (this.fault === undefined) return this.#append(topic, records)
        if (this.fault.kind === 'refused') return failed(records, this.fault)
        onRetry(this.fault)
        await this.arrival(100)
      }
    }
    return {
      partitions: async topic => {
        this.check()
        if (this.partitionsOf(topic) === 0) throw new KafkaFault('unknown-topic', `Unknown topic ${topic}.`)
        return this.partitionsOf(topic)
      },
      send: async (topic, parts, signal) => {
        if (isClosed) throw new Error('the Kafka producer is closed')
        const records = [...parts].flatMap(([partition, part]) => part.map(record => ({ ...record, partition })))
        const underWay = (this.#underWay.get(topic) ?? 0) + 1
        this.#underWay.set(topic, underWay)
        this.concurrent = Math.max(this.concurrent, underWay)
        const aborted = new Promise<Map<number, PartitionOutcome>>(resolve => {
          signal.addEventListener('abort', () => resolve(failed(records, signal.reason)), { once: true })
        })
        const outcome = await Promise.race([aborted, attempt(topic, records, signal)])
        this.#underWay.set(topic, (this.#underWay.get(topic) ?? 0) - 1)
        return outcome
      },
      close: async () => {
        isClosed = true
        this.producers--
      },
    }
  }

  #append(topic: string, records: readonly PlacedRecord[]): Map<number, PartitionOutcome> {
    this.sent.push({ topic, records })
    const outcome = new Map<number, PartitionOutcome>()
    for (const [partition, part] of Map.groupBy(records, record => record.partition)) {
      if (part.some(record => this.reject?.(record))) {
        outcome.set(partition, {
          written: false,
          error: new KafkaFault('refused', 'a record is no good'),
          rejected: true,
        })
        continue
      }
      const log = this.log(topic, partition)
      outcome.set(partition, { written: true, offset: BigInt(log.length) })
      log.push(...part)
    }
    for (const arrived of [...this.#arrived]) arrived()
    return outcome
  }
}

function failed(records: readonly PlacedRecord[], error: unknown): Map<number, PartitionOutcome> {
  return new Map(records.map(({ partition }) => [partition, { written: false, error, rejected: false }]))
}
