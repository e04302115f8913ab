import { type BaseOptions, ConnectionPool, type Consumer } from '@platformatic/kafka'
import { dropAborted } from '../aborted.ts'
import type { FetchedPartition, FetchLimits, PartitionOffset } from '../port.ts'

const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

/** Fetches by way of a consumer, over connections of their own: a fetch that waits must not keep a heartbeat waiting. */
export class Fetcher {
  readonly #consumer: Consumer
  readonly #connections: ConnectionPool
  readonly #committedOnly: boolean
  /**
   * For the request as good as the number. The client compares it, finds another type, and leaves out its own filter, which lets
   * records of aborted transactions through and drops committed ones between two aborted transactions of one producer.
   */
  readonly #isolation: number

  constructor(consumer: Consumer, base: BaseOptions, isolation: 'read_committed' | 'read_uncommitted') {
    this.#consumer = consumer
    this.#connections = new ConnectionPool(base.clientId, base)
    this.#committedOnly = isolation === 'read_committed'
    this.#isolation = Object(this.#committedOnly ? READ_COMMITTED : READ_UNCOMMITTED)
  }

  /** What follows these offsets of partitions that a node leads. One call per node at a time. */
  async fetch(
    node: number,
    from: readonly PartitionOffset[],
    limits: FetchLimits,
  ): Promise<readonly FetchedPartition[]> {
    const metadata = await this.#consumer.metadata({ topics: [...new Set(from.map(({ topic }) => topic))] })
    const names = new Map<string, string>()
    const topics = from.map(({ topic, partition, offset }) => {
      const id = metadata.topics.get(topic)?.id ?? ''
      names.set(id, topic)
      const wanted = { partition, fetchOffset: offset, partitionMaxBytes: limits.maxBytesPerPartition }
      return { topicId: id, partitions: [{ ...wanted, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }] }
    })
    try {
      const response = await this.#consumer.fetch({
        node,
        topics,
        minBytes: limits.minBytes,
        maxBytes: limits.maxBytes,
        maxWaitTime: limits.maxWaitMs,
        connectionPool: this.#connections,
        isolationLevel: this.#isolation,
      })
      return this.#fetched(response, names, from)
    } catch (error) {
      // Whatever it was, who leads the partition may have changed.
      this.#consumer.clearMetadata()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }

  #fetched(
    response: FetchResponse,
    names: ReadonlyMap<string, string>,
    from: readonly PartitionOffset[],
  ): FetchedPartition[] {
    const fetched: FetchedPartition[] = []
    for (const { topicId, partitions } of response.responses) {
      const topic = names.get(topicId)
      for (const { partitionIndex: partition, records, abortedTransactions } of partitions) {
        const asked = from.find(one => one.topic === topic && one.partition === partition)
        // A session of the broker may still bring what is not asked for any more.
        if (topic === undefined || asked === undefined || !records) continue
        dropAborted(records, this.#committedOnly ? abortedTransactions : undefined)
        const last = records[records.length - 1]
        if (last === undefined) continue
        const nextOffset = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n
        fetched.push({ topic, partition, nextOffset, batches: records })
      }
    }
    return fetched
  }
}
