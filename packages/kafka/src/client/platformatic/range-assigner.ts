import type { GroupPartitionsAssigner } from '@platformatic/kafka'

type Assignment = ReturnType<GroupPartitionsAssigner>[number]

/**
 * Kafka's range assignor: of each topic by itself, each subscribed member, in the order of their ids, gets a range of
 * partitions next to each other; the first ones get one more where it does not come out even.
 */
export const rangeAssigner: GroupPartitionsAssigner = (_current, members, topics, metadata) => {
  const assignments = new Map<string, Assignment>()
  for (const memberId of members.keys()) assignments.set(memberId, { memberId, assignments: new Map() })
  for (const topic of topics) {
    const count = metadata.topics.get(topic)?.partitionsCount ?? 0
    const subscribed = [...members]
      .filter(([, member]) => member.topics?.includes(topic))
      .map(([memberId]) => memberId)
      .sort()
    let next = 0
    for (const [at, memberId] of subscribed.entries()) {
      const size = Math.floor(count / subscribed.length) + (at < count % subscribed.length ? 1 : 0)
      if (size === 0) break
      const partitions = Array.from({ length: size }, (_, index) => next + index)
      assignments.get(memberId)?.assignments.set(topic, { topic, partitions })
      next += size
    }
  }
  return [...assignments.values()]
}
