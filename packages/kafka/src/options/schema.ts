import { z } from 'zod'
import { connectionFields } from './connection-options.ts'
import { consumerFields } from './consumer-options.ts'
import { producerFields } from './producer-options.ts'

/** Built on first use. */
export const kafkaSchema = () =>
  z
    .object({ ...connectionFields(), ...producerFields(), ...consumerFields() })
    .refine(
      ({ enableIdempotence, requestRequiredAcks }) =>
        !enableIdempotence || requestRequiredAcks === 'all' || requestRequiredAcks === '-1',
      'requestRequiredAcks other than all needs enableIdempotence=false',
    )
    .refine(
      ({ allowManualCommit, autoCommitEnable }) => !allowManualCommit || !autoCommitEnable,
      'allowManualCommit needs autoCommitEnable=false: else what the route holds back is committed all the same',
    )
    .refine(
      ({ failedRecord, deadLetterTopic }) => (failedRecord === 'deadLetter') === (deadLetterTopic !== undefined),
      'failedRecord=deadLetter and deadLetterTopic belong together',
    )
    .refine(
      ({ sessionTimeoutMs, heartbeatIntervalMs }) => heartbeatIntervalMs * 3 <= sessionTimeoutMs,
      'heartbeatIntervalMs must be at most a third of sessionTimeoutMs',
    )
    .refine(
      ({ failedRecordDelay, failedRecordMaxDelay }) => failedRecordDelay <= failedRecordMaxDelay,
      'failedRecordDelay must not be longer than failedRecordMaxDelay',
    )
    .refine(
      ({ batching, maxInFlight }) => !batching || maxInFlight === 1,
      'batching and maxInFlight exclude each other',
    )
    .refine(
      ({ groupProtocol, groupRemoteAssignor }) => groupRemoteAssignor === undefined || groupProtocol === 'consumer',
      'groupRemoteAssignor needs groupProtocol=consumer',
    )
    .refine(
      ({ transacted, transactionalId }) => transactionalId === undefined || transacted,
      'transactionalId needs transacted=true',
    )
    .refine(({ transacted, fences }) => fences === undefined || transacted, 'fences needs transacted=true')
    .refine(
      ({ transacted, enableIdempotence, recordMetadata }) => !transacted || (enableIdempotence && !recordMetadata),
      'transacted=true writes when the exchange has ended, idempotently: enableIdempotence=false and recordMetadata=true contradict it',
    )

/** What may be written in the object form and in the query. */
export interface KafkaOptions extends z.input<ReturnType<typeof kafkaSchema>> {}
/** What the endpoint works with. */
export type KafkaSettings = z.output<ReturnType<typeof kafkaSchema>>
