import { type BaseOptions, Consumer, FetchIsolationLevels, ListOffsetTimestamps } from '@platformatic/kafka'
import type { FetchedPartition, PartitionOffset, PortReader, TopicPartition } from '../port.ts'
import { atMost } from './at-most.ts'
import { Fetcher } from './fetcher.ts'
import { edgesOf, leadersOf, partitionsOf } from './partitions.ts'

const CLOSE_MS = 1_000

/** A consumer that never joins its group: the id is only there because the client wants one. */
export class PlatformaticReader implements PortReader {
  readonly #consumer: Consumer
  readonly #fetcher: Fetcher

  constructor(base: BaseOptions) {
    this.#consumer = new Consumer({
      ...base,
      groupId: 'dromedary-reader',
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    })
    this.#fetcher = new Fetcher(this.#consumer, base, 'read_committed')
  }

  partitions(topic: string): Promise<number> {
    return partitionsOf(this.#consumer, topic, false)
  }

  edges(partitions: readonly TopicPartition[], edge: 'earliest' | 'latest'): Promise<readonly PartitionOffset[]> {
    const timestamp = edge === 'earliest' ? ListOffsetTimestamps.EARLIEST : ListOffsetTimestamps.LATEST
    return edgesOf(this.#consumer, partitions, timestamp, FetchIsolationLevels.READ_UNCOMMITTED)
  }

  async lastStableOffset(topic: string, partition: number): Promise<bigint> {
    const latest = ListOffsetTimestamps.LATEST
    const [edge] = await edgesOf(this.#consumer, [{ topic, partition }], latest, FetchIsolationLevels.READ_COMMITTED)
    return edge?.offset ?? 0n
  }

  async read(from: PartitionOffset, maxBytes: number, maxWaitMs: number): Promise<FetchedPartition> {
    const [[node] = []] = await leadersOf(this.#consumer, [from])
    if (node === undefined) throw new Error(`partition ${from.partition} of ${from.topic} has no leader now`)
    const limits = { minBytes: 1, maxBytes, maxBytesPerPartition: maxBytes, maxWaitMs }
    const [fetched] = await this.#fetcher.fetch(node, [from], limits)
    return fetched ?? { topic: from.topic, partition: from.partition, nextOffset: from.offset, batches: [] }
  }

  async close(): Promise<void> {
    await atMost(CLOSE_MS, Promise.allSettled([this.#fetcher.close(), this.#consumer.close(true)]))
  }
}
