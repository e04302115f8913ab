export type { KafkaManualCommit } from './consumer/manual-commit.ts'
export { type KafkaComponent, kafka } from './kafka.ts'
export type { KafkaOptions } from './options/schema.ts'
export type { RecordMetadata } from './producer/parcel.ts'
