import type { KafkaSettings } from '../options/schema.ts'
import type { FailureRules } from './failed-records.ts'
import type { ReaderParts } from './group-reader.ts'
import type { ConsumerPlan } from './kafka-consumer.ts'

type Rules = Omit<ReaderParts, 'name' | 'entry' | 'client' | 'failed' | 'link' | 'onStop'>

const ASSIGNORS = {
  'org.apache.kafka.clients.consumer.RangeAssignor': 'range',
  'org.apache.kafka.clients.consumer.RoundRobinAssignor': 'roundrobin',
  'org.apache.kafka.clients.consumer.CooperativeStickyAssignor': 'cooperative-sticky',
} as const

/** From the options of an endpoint to what the parts of its consumer work with. */
export const readerSettings = {
  failures: (settings: KafkaSettings): FailureRules => ({
    policy: settings.failedRecord,
    delayMs: settings.failedRecordDelay,
    maxDelayMs: settings.failedRecordMaxDelay,
    deadLetterTopic: settings.deadLetterTopic ?? '',
  }),

  /** Of the member with this number, from 0. */
  reader: ({ groupId, subscription, settings, connection }: ConsumerPlan, at: number): Rules => {
    const { partitionAssignor, groupInstanceId, consumersCount } = settings
    return {
      subscription,
      group: {
        groupId,
        groupInstanceId:
          groupInstanceId !== undefined && consumersCount > 1 ? `${groupInstanceId}-${at + 1}` : groupInstanceId,
        protocol: settings.groupProtocol,
        remoteAssignor: settings.groupRemoteAssignor,
        assignor:
          partitionAssignor in ASSIGNORS
            ? ASSIGNORS[partitionAssignor as keyof typeof ASSIGNORS]
            : (partitionAssignor as 'range'),
        sessionTimeoutMs: settings.sessionTimeoutMs,
        rebalanceTimeoutMs: settings.maxPollIntervalMs,
        heartbeatIntervalMs: settings.heartbeatIntervalMs,
        isolation: settings.isolationLevel,
      },
      limits: {
        minBytes: settings.fetchMinBytes,
        maxBytes: settings.fetchMaxBytes,
        maxBytesPerPartition: settings.maxPartitionFetchBytes,
        maxWaitMs: settings.fetchWaitMaxMs,
      },
      start: { autoOffsetReset: settings.autoOffsetReset, seekTo: settings.seekTo },
      exchanges: {
        valueAsText: isText(settings.valueDeserializer),
        keyAsText: isText(settings.keyDeserializer),
        headersAsText: settings.headerDeserializer === 'string',
        allowManualCommit: settings.allowManualCommit,
        marksLast: !settings.autoCommitEnable,
      },
      run: {
        maxInFlight: settings.maxInFlight,
        batchSize: settings.batching ? settings.maxPollRecords : undefined,
        batchWaitMs: settings.batchingIntervalMs,
        refusedDelayMs: connection.retryBackoffMaxMs,
      },
      autoCommit: settings.autoCommitEnable,
      autoCommitIntervalMs: settings.autoCommitIntervalMs,
      metadataMaxAgeMs: connection.metadataMaxAgeMs,
      retryBackoffMs: connection.retryBackoffMs,
      retryBackoffMaxMs: connection.retryBackoffMaxMs,
    }
  },
}

function isText(deserializer: KafkaSettings['valueDeserializer']): boolean {
  return deserializer === 'string' || deserializer.endsWith('StringDeserializer')
}
