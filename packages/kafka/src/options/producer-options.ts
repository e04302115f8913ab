import { duration, flag, integer, list, oneOf, text } from '@dromedary/core/component'

export const producerFields = () => ({
  key: text().optional().describe('Key of every record. Beats the header CamelKafkaKey.'),
  partitionKey: integer({ min: 0 })
    .optional()
    .describe('Number of the partition of every record. Beats the header CamelKafkaPartitionKey.'),
  partitionerIgnoreKeys: flag()
    .default(false)
    .describe('Records with a key are spread over the partitions like those without one.'),
  requestRequiredAcks: oneOf(['all', '-1', '1', '0'])
    .default('all')
    .describe(
      'Who has a record when it counts as written: all (or -1) replicas in sync, 1 the leader alone, 0 perhaps nobody. Other than all needs enableIdempotence=false.',
    ),
  enableIdempotence: flag()
    .default(true)
    .describe('What was sent again after a fault is written once, and in order. Without it, perhaps twice.'),
  compressionCodec: oneOf(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    .default('none')
    .describe('How batches are compressed.'),
  lingerMs: integer({ min: 0 })
    .default(0)
    .describe(
      'How long a batch waits for more records, milliseconds. With 0 they gather while the request before is under way, which is enough for a busy route. Camel: 5.',
    ),
  producerBatchSize: integer({ min: 1 })
    .default(262_144)
    .describe(
      'Bytes that one request gathers at most; a record that is larger goes alone. Camel: 16384, per partition.',
    ),
  maxRequestSize: integer({ min: 1 })
    .default(1_048_576)
    .describe('A record of more bytes, key and headers included, is refused.'),
  bufferMemorySize: integer({ min: 1 })
    .default(33_554_432)
    .describe('Bytes that may wait to be written; then sends wait, and the route with them.'),
  maxPendingRecords: integer({ min: 1 })
    .default(10_000)
    .describe('Records that may wait to be written; then sends wait, and the route with them.'),
  deliveryTimeoutMs: duration({ min: 0 })
    .default(120_000)
    .describe(
      'How long a record is tried, waiting for its turn included, until its exchange fails; a fault of the brokers that is shorter only delays. Up to a quarter longer. 0: for ever.',
    ),
  recordMetadata: flag()
    .default(false)
    .describe('Sets the header CamelKafkaRecordMeta: topic, partition and offset of each record that was written.'),
  useIterator: flag()
    .default(true)
    .describe('A body that is a list is sent as one record for each element; otherwise it is refused.'),
  batchWithIndividualHeaders: flag()
    .default(false)
    .describe(
      'Elements of a list that are exchanges or messages are sent with their own headers instead of the list’s.',
    ),
  transacted: flag()
    .default(false)
    .describe(
      'All that an exchange sends, to whichever endpoints of these brokers, is visible to read-committed readers at once or not at all, together with its position where the route is resumable. Within master: a former leader is fenced.',
    ),
  transactionalId: text()
    .optional()
    .describe(
      'Name of the transactions of a transacted route outside a cluster: no other process may have it. Within master: it is made of cluster.scope, namespace and route id.',
    ),
  fences: list()
    .optional()
    .describe(
      'Names that the transactions of the route had before it got another id: a process that still uses one is shut out as well.',
    ),
  transactionInterval: duration({ min: 0 })
    .default(20)
    .describe(
      'At least so long after one commit comes the next, so that a transaction carries many exchanges. The same for all endpoints of these brokers: set it by kafka({ … }).',
    ),
  transactionTimeout: duration({ min: 1_000 })
    .default(10_000)
    .describe(
      'A transaction that is open for longer is aborted by the broker; as long do readers wait behind one whose process has died. The same for all endpoints of these brokers.',
    ),
  giveUpAfter: duration({ min: 0 })
    .default(30_000)
    .describe(
      'A leader that could not write for so long resigns, so that another member may try. 0: never. The same for all endpoints of these brokers.',
    ),
})
