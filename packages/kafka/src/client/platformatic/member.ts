import { Admin, type BaseOptions, type Consumer, ListOffsetTimestamps } from '@platformatic/kafka'
import type {
  FetchedPartition,
  FetchLimits,
  MemberSettings,
  PartitionOffset,
  PortMember,
  TopicPartition,
} from '../port.ts'
import { atMost } from './at-most.ts'
import { has, kindOf } from './failures.ts'
import { Fetcher } from './fetcher.ts'
import { groupConsumer } from './group-consumer.ts'
import { byTopic, edgesOf, leadersOf, partitionsOf } from './partitions.ts'

/** How long the group may take to take note that a member leaves. */
const LEAVE_MS = 2_000
const CLOSE_MS = 1_000

/** A member of a group, of the client's consumer without its stream: what is fetched, and when, is the component's choice. */
export class PlatformaticMember implements PortMember {
  readonly #base: BaseOptions
  readonly #settings: MemberSettings
  readonly #consumer: Consumer
  readonly #fetcher: Fetcher
  #admin: Admin | undefined
  /** What was told last. */
  #assigned = ''
  #memberId: string | null = null
  #generation = 0
  #closed = false

  constructor(base: BaseOptions, settings: MemberSettings) {
    this.#base = base
    this.#settings = settings
    this.#consumer = groupConsumer(base, settings)
    this.#fetcher = new Fetcher(this.#consumer, base, settings.isolation)
    this.#consumer.on('consumer:group:rebalance', () => settings.events.rebalancing())
    if (settings.protocol === 'classic') this.#consumer.on('consumer:group:join', () => this.#joined())
    else this.#listenToHeartbeats()
    // A rejoin that failed: the client gives up, and sends no heartbeats any more.
    this.#consumer.on('error', (error: unknown) => this.#lost(error))
  }

  async join(topics: readonly string[]): Promise<void> {
    const tracked = this.#consumer.topics
    for (const topic of tracked.current.filter(one => !topics.includes(one))) tracked.untrack(topic)
    for (const topic of topics) if (!tracked.has(topic)) tracked.track(topic)
    // What is known of the topics may be older than the reason to join.
    this.#consumer.clearMetadata()
    if (this.#settings.protocol === 'classic') await this.#consumer.joinGroup({})
    else await this.#joinByHeartbeat(topics)
  }

  async allTopics(): Promise<readonly string[]> {
    this.#admin ??= new Admin({ ...this.#base })
    return this.#admin.listTopics()
  }

  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    for (const topic of topics) counts.set(topic, await partitionsOf(this.#consumer, topic, true))
    return counts
  }

  nodesOf(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<number, readonly TopicPartition[]>> {
    return leadersOf(this.#consumer, partitions)
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    const topics = [...byTopic(partitions)].map(([topic, wanted]) => ({ topic, partitions: wanted }))
    const offsets = await this.#consumer.listCommittedOffsets({ topics })
    return partitions.flatMap(({ topic, partition }) => {
      const offset = offsets.get(topic)?.[partition]
      return offset === undefined || offset < 0n ? [] : [{ topic, partition, offset }]
    })
  }

  edges(partitions: readonly TopicPartition[], edge: 'earliest' | 'latest'): Promise<readonly PartitionOffset[]> {
    const timestamp = edge === 'earliest' ? ListOffsetTimestamps.EARLIEST : ListOffsetTimestamps.LATEST
    return edgesOf(this.#consumer, partitions, timestamp)
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    await this.#consumer.commit({ offsets: offsets.map(one => ({ ...one, leaderEpoch: -1 })) })
  }

  fetch(node: number, from: readonly PartitionOffset[], limits: FetchLimits): Promise<readonly FetchedPartition[]> {
    return this.#fetcher.fetch(node, from, limits)
  }

  async close(): Promise<void> {
    this.#closed = true
    // A static member comes back under its id: leaving would move its partitions away and back again.
    if (this.#settings.groupInstanceId !== undefined) this.#consumer.memberId = null
    // First of all: a fetch that breaks forgets who the coordinator is, and then nobody is told.
    await atMost(LEAVE_MS, this.#consumer.close(true))
    const rest = [this.#consumer.connections.close(), this.#fetcher.close(), this.#admin?.close()]
    await atMost(CLOSE_MS, Promise.allSettled(rest))
  }

  #joined(): void {
    const { memberId, generationId } = this.#consumer
    // Whoever takes part in each generation owned, in between, what it still owns.
    const isContinuous = memberId === this.#memberId && generationId === this.#generation + 1
    this.#memberId = memberId
    this.#generation = generationId
    this.#tell(isContinuous)
  }

  /** With this protocol what is assigned comes with the answer to a heartbeat, and without an event of its own. */
  #listenToHeartbeats(): void {
    this.#consumer.on('consumer:heartbeat:end', () => this.#tellChange())
    this.#consumer.on('consumer:heartbeat:error', ({ error }: { readonly error: Error }) => {
      if (kindOf(error) !== 'rejoin') return
      if (has(error, 'UNKNOWN_MEMBER_ID')) {
        // The client would go on under an id that the broker does not know.
        this.#consumer.memberId = null
        this.#lost(error)
      } else {
        this.#assigned = '[]'
        if (!this.#closed) this.#settings.events.assigned([], false)
      }
    })
  }

  #lost(error: unknown): void {
    this.#assigned = ''
    if (!this.#closed) this.#settings.events.lost(error)
  }

  #tellChange(): void {
    if (this.#consumer.assignments !== null && JSON.stringify(this.#consumer.assignments) !== this.#assigned)
      this.#tell(true)
  }

  #tell(isContinuous: boolean): void {
    if (this.#closed) return
    const assignments = this.#consumer.assignments ?? []
    this.#assigned = JSON.stringify(assignments)
    const partitions = assignments.flatMap(({ topic, partitions }) =>
      partitions.map(partition => ({ topic, partition })),
    )
    this.#settings.events.assigned(partitions, isContinuous)
  }

  /** Only a stream joins with this protocol. It is not read, and gone as soon as the member is known. */
  async #joinByHeartbeat(topics: readonly string[]): Promise<void> {
    if (this.#consumer.memberId !== null) return
    const stream = await this.#consumer.consume({ topics: [...topics], mode: 'latest', autocommit: false })
    stream.on('error', () => {})
    stream.destroy()
    this.#tellChange()
  }
}
