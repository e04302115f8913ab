/**
 * What the component asks of a Kafka client, so that another one can take its place. Nothing in here retries for ever
 * by itself or logs: when to try again, and what is said about it, is the component's business.
 */

/** A header of a record: Kafka allows several of one name, and no value. */
export type KafkaHeader = readonly [name: Buffer | string, value: Buffer | null]

/** A record that is to be written. */
export interface KafkaRecord {
  readonly topic: string
  /** Without one the key decides, as with Kafka's own clients; without a key as well the batch does. */
  readonly partition?: number | undefined
  /** Texts, here and as the value, are written as UTF-8. */
  readonly key?: Buffer | string | undefined
  /** `null` is a tombstone. */
  readonly value: Buffer | string | null
  readonly headers?: readonly KafkaHeader[] | undefined
  /** Milliseconds since 1970; without one the time at which it is written. */
  readonly timestamp?: bigint | undefined
  /** About how many bytes it takes before it is compressed, if that is known. */
  readonly size?: number | undefined
}

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A place in a partition: the next record to read, or the one after the last that is done. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: bigint
}

/** Opens what talks to the brokers. Making one connects to nothing. */
export interface KafkaClient {
  producer(settings: ProducerSettings): PortProducer
  /** One member of a consumer group. */
  member(settings: MemberSettings): PortMember
  /** Reads without a group. */
  reader(): PortReader
  /** What went wrong, as far as the component treats it differently. */
  kindOf(error: unknown): FailureKind
  /** What people should read of it, in one line. */
  explain(error: unknown): string
}

/**
 * `retriable`: the same may succeed later. `out-of-range`: the offset is not in the partition (any more). `rejoin`: the
 * group has moved on, and the member must join again. `unknown-topic`: there is none of this name (yet). `refused`: it
 * will not succeed, whatever the time (credentials, rights, a record that is no good).
 */
export type FailureKind = 'retriable' | 'out-of-range' | 'rejoin' | 'unknown-topic' | 'refused'

export interface ProducerSettings {
  readonly idempotent: boolean
  readonly acks: 'all' | 'one' | 'none'
  readonly compression: Compression
  /** Called before each new attempt of a request that failed. */
  readonly onRetry: (error: unknown) => void
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

export interface PortProducer {
  /** How many partitions the topic has. One attempt; answered from what is known while that is fresh. */
  partitions(topic: string): Promise<number>
  /**
   * Writes records of one topic, by partition, in order, one call per topic at a time. What may succeed later is tried again until it
   * does or the signal aborts; after an abort nobody knows whether the records were written. Never rejects.
   */
  send(topic: string, records: ReadonlyMap<number, readonly KafkaRecord[]>, signal: AbortSignal): Promise<SendOutcome>
  /** Frees its connections, whatever is under way. */
  close(): Promise<void>
}

/** What became of the records of one call, by partition. Of one partition either all were written or none was. */
export type SendOutcome = ReadonlyMap<number, PartitionOutcome>

export type PartitionOutcome =
  | { readonly written: true /** Of the first record; -1 where the broker does not say. */; readonly offset: bigint }
  | {
      readonly written: false
      readonly error: unknown
      /** The broker looked at the records and took none of them, for the sake of one: fewer at a time may get through. */
      readonly rejected: boolean
    }

export interface MemberSettings {
  readonly groupId: string
  readonly groupInstanceId: string | undefined
  readonly protocol: 'classic' | 'consumer'
  readonly remoteAssignor: string | undefined
  readonly assignor: Assignor
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly events: MemberEvents
}

export type Assignor = 'range' | 'roundrobin' | 'cooperative-sticky'

export interface FetchLimits {
  readonly minBytes: number
  /** Of one answer; a single record that is larger comes nevertheless. */
  readonly maxBytes: number
  readonly maxBytesPerPartition: number
  /** How long the broker waits for `minBytes`. */
  readonly maxWaitMs: number
}

/** What a member is told, synchronously, by its client. */
export interface MemberEvents {
  /** The group is about to move partitions: what is done can still be committed, now. */
  rebalancing(): void
  /** Before it joins anew. The client waits for the promise; keep it short of the session time-out. */
  beforeRejoin(): Promise<void>
  /**
   * What it is to read from now on; told after each join. `isContinuous`: what it had before and still has was nobody
   * else's in between. Otherwise it has to begin anew with all of it.
   */
  assigned(partitions: readonly TopicPartition[], isContinuous: boolean): void
  /** It is no member any more, and has to join again. */
  lost(error: unknown): void
}

/** A member of a consumer group. One call of each kind at a time, but for `fetch`: one per node. */
export interface PortMember {
  /** Joins the group for these topics, or joins it again because they changed. One attempt. */
  join(topics: readonly string[]): Promise<void>
  /** Names of all topics that this client may see. */
  allTopics(): Promise<readonly string[]>
  /** How many partitions each topic has; 0 for one that does not exist. Asks the broker. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Which node leads each partition, from what is known while that is fresh. */
  nodesOf(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<number, readonly TopicPartition[]>>
  /** What the group has committed; a partition without an offset is missing in the answer. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>
  /** The first offset that there is, or the one that the next record gets. */
  edges(partitions: readonly TopicPartition[], edge: 'earliest' | 'latest'): Promise<readonly PartitionOffset[]>
  commit(offsets: readonly PartitionOffset[]): Promise<void>
  /** What follows these offsets, all led by this node. One attempt. */
  fetch(node: number, from: readonly PartitionOffset[], limits: FetchLimits): Promise<readonly FetchedPartition[]>
  /** Leaves the group unless it has a group instance id, and frees its connections. Never rejects. */
  close(): Promise<void>
}

/** What a fetch brought for one partition. */
export interface FetchedPartition extends TopicPartition {
  /** Where the next fetch goes on: past control records and records of aborted transactions as well. */
  readonly nextOffset: bigint
  readonly batches: readonly FetchedBatch[]
}

/** Records as the broker keeps them together. */
export interface FetchedBatch {
  readonly firstOffset: bigint
  readonly firstTimestamp: bigint
  readonly records: readonly FetchedRecord[]
}

export interface FetchedRecord {
  /** Added to the batch's first offset. */
  readonly offsetDelta: number
  /** Added to the batch's first timestamp. */
  readonly timestampDelta: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: Buffer | null, value: Buffer | null])[]
}

/** Reads partitions without a group and without keeping anything. */
export interface PortReader {
  partitions(topic: string): Promise<number>
  edges(partitions: readonly TopicPartition[], edge: 'earliest' | 'latest'): Promise<readonly PartitionOffset[]>
  /** The last stable offset: up to there nothing can become visible any more that is not yet. */
  lastStableOffset(topic: string, partition: number): Promise<bigint>
  /** What committed transactions wrote from this offset on, at most about `maxBytes`; waits up to `maxWaitMs` for something. */
  read(from: PartitionOffset, maxBytes: number, maxWaitMs: number): Promise<FetchedPartition>
  close(): Promise<void>
}
