import type { Base, Consumer } from '@platformatic/kafka'
import type { PartitionOffset, TopicPartition } from '../port.ts'
import { kindOf } from './failures.ts'

/** How many partitions a topic has; 0 where there is none of this name. */
export async function partitionsOf(client: Base, topic: string, fresh: boolean): Promise<number> {
  try {
    const metadata = await client.metadata({ topics: [topic], forceUpdate: fresh })
    return metadata.topics.get(topic)?.partitionsCount ?? 0
  } catch (error) {
    if (kindOf(error) === 'unknown-topic') return 0
    throw error
  }
}

/** Which node leads each; those that have no leader now are missing. */
export async function leadersOf(
  client: Base,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<number, readonly TopicPartition[]>> {
  const metadata = await client.metadata({ topics: [...byTopic(partitions).keys()] })
  const nodes = new Map<number, TopicPartition[]>()
  for (const one of partitions) {
    const leader = metadata.topics.get(one.topic)?.partitions[one.partition]?.leader ?? -1
    if (leader < 0) continue
    const led = nodes.get(leader)
    if (led) led.push(one)
    else nodes.set(leader, [one])
  }
  return nodes
}

/** The offsets that a timestamp stands for. */
export async function edgesOf(
  consumer: Consumer,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolationLevel?: number,
): Promise<readonly PartitionOffset[]> {
  const wanted = byTopic(partitions)
  const offsets = await consumer.listOffsets({
    topics: [...wanted.keys()],
    partitions: Object.fromEntries(wanted),
    timestamp,
    ...(isolationLevel !== undefined && { isolationLevel }),
  })
  return partitions.map(({ topic, partition }) => {
    const offset = offsets.get(topic)?.[partition]
    if (offset === undefined) throw new Error(`no offset for partition ${partition} of ${topic}`)
    return { topic, partition, offset }
  })
}

export function byTopic(partitions: readonly TopicPartition[]): Map<string, number[]> {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const known = topics.get(topic)
    if (known) known.push(partition)
    else topics.set(topic, [partition])
  }
  return topics
}
