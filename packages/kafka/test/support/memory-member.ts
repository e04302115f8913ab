import type {
  FetchedPartition,
  FetchLimits,
  MemberSettings,
  PartitionOffset,
  PortMember,
  TopicPartition,
} from '../../src/client/port.ts'
import { keyOf } from '../../src/consumer/keys.ts'
import type { MemoryGroup } from './memory-group.ts'
import { KafkaFault, type MemoryKafka } from './memory-kafka.ts'

/** A member of a group in memory. */
export class MemoryMember implements PortMember {
  readonly settings: MemberSettings
  readonly assigned = new Set<string>()
  readonly limits: FetchLimits[] = []
  topics: readonly string[] = []
  readonly commits: (readonly PartitionOffset[])[] = []
  readonly #kafka: MemoryKafka
  readonly #group: MemoryGroup
  isClosed = false
  joins = 0

  constructor(kafka: MemoryKafka, settings: MemberSettings) {
    this.#kafka = kafka
    this.settings = settings
    this.#group = kafka.group(settings.groupId)
    this.#group.all.push(this)
  }

  async join(topics: readonly string[]): Promise<void> {
    this.#kafka.check()
    this.joins++
    this.topics = topics
    await this.#group.join(this)
  }

  assign(places: readonly TopicPartition[], isContinuous: boolean): void {
    this.assigned.clear()
    for (const place of places) this.assigned.add(keyOf(place))
    this.settings.events.assigned(places, isContinuous)
  }

  async allTopics(): Promise<string[]> {
    return [...new Set([...this.#kafka.logs.keys()].map(key => key.slice(0, key.lastIndexOf('-'))))]
  }

  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.#kafka.check()
    return new Map(topics.map(topic => [topic, this.#kafka.partitionsOf(topic)]))
  }

  async nodesOf(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<number, readonly TopicPartition[]>> {
    this.#kafka.check()
    return new Map([[1, partitions]])
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    this.#kafka.check()
    return partitions.flatMap(place => {
      const offset = this.#group.committed.get(keyOf(place))
      return offset === undefined ? [] : [{ ...place, offset }]
    })
  }

  async edges(partitions: readonly TopicPartition[], edge: 'earliest' | 'latest'): Promise<readonly PartitionOffset[]> {
    this.#kafka.check()
    return partitions.map(place => {
      const first = this.#kafka.starts.get(keyOf(place)) ?? 0
      const end = this.#kafka.log(place.topic, place.partition).length
      return { ...place, offset: BigInt(edge === 'earliest' ? first : end) }
    })
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    this.#kafka.check()
    if (!this.#group.members.includes(this)) throw new KafkaFault('rejoin', 'unknown member')
    this.commits.push(offsets)
    for (const one of offsets) this.#group.committed.set(keyOf(one), one.offset)
  }

  async fetch(
    _node: number,
    from: readonly PartitionOffset[],
    limits: FetchLimits,
  ): Promise<readonly FetchedPartition[]> {
    this.limits.push(limits)
    const look = () => from.flatMap(({ offset, ...place }) => this.#kafka.fetched(place, offset) ?? [])
    this.#kafka.check()
    const found = look()
    if (found.length > 0) return found
    await this.#kafka.arrival(limits.maxWaitMs)
    this.#kafka.check()
    return look()
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.#kafka.wake()
    if (this.#group.members.includes(this)) await this.#group.leave(this)
  }
}
