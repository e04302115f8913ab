import type { TopicPartition } from '../client/port.ts'

/** A partition as the key of a map, and as people write it. */
export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`
