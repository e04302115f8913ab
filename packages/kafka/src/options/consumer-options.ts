import { duration, flag, integer, oneOf, text } from '@dromedary/core/component'

/** Written as Camel does, by the class of the assignor, or by its short name. */
const assignor = () =>
  oneOf([
    'range',
    'roundrobin',
    'cooperative-sticky',
    'org.apache.kafka.clients.consumer.RangeAssignor',
    'org.apache.kafka.clients.consumer.RoundRobinAssignor',
    'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
  ])

/** Written as Camel does, by the class of the deserializer, or by what comes out. */
const deserializer = () =>
  oneOf([
    'string',
    'bytes',
    'org.apache.kafka.common.serialization.StringDeserializer',
    'org.apache.kafka.common.serialization.ByteArrayDeserializer',
  ])

export const consumerFields = () => ({
  groupId: text()
    .optional()
    .describe(
      'Consumers of one group share the partitions, and the group keeps the position. Needed to consume. Also the property kafka.groupId.',
    ),
  groupInstanceId: text()
    .optional()
    .describe(
      'Name that this member keeps over restarts: it does not leave when it stops, and has its partitions back when it returns within sessionTimeoutMs. With consumersCount each gets a number.',
    ),
  groupProtocol: oneOf(['classic', 'consumer'])
    .default('classic')
    .describe('How members agree on who reads what; consumer is the protocol of Kafka 4, where the broker decides.'),
  groupRemoteAssignor: text()
    .optional()
    .describe('Name of the assignor at the broker, for groupProtocol=consumer: uniform or range.'),
  partitionAssignor: assignor()
    .default('range')
    .describe(
      'Who gets which partitions, for groupProtocol=classic: range, roundrobin, cooperative-sticky, or Kafka’s class.',
    ),
  consumersCount: integer({ min: 1 })
    .default(1)
    .describe('How many members of the group this endpoint is. One reads all its partitions side by side as well.'),
  topicIsPattern: flag()
    .default(false)
    .describe(
      'The topic is a regular expression: all topics whose whole name it matches are read, new ones after metadataMaxAgeMs.',
    ),
  autoOffsetReset: oneOf(['latest', 'earliest', 'none'])
    .default('latest')
    .describe(
      'Where a group begins that has no position: with what comes from now on, with the oldest record, or not at all. Unlike Kafka, latest loses nothing afterwards: the place is committed at once, partitions that are added later are read from their start, and after a position that is gone comes the oldest record that is left.',
    ),
  seekTo: oneOf(['BEGINNING', 'END'])
    .optional()
    .describe('Where to begin at each start, whatever the group has committed.'),
  isolationLevel: oneOf(['read_uncommitted', 'read_committed'])
    .default('read_uncommitted')
    .describe(
      'read_committed: records of transactions come when these are committed, and those of aborted ones never.',
    ),
  valueDeserializer: deserializer()
    .default('string')
    .describe(
      'What the body is: string or bytes, or Kafka’s class. A value that is not UTF-8 is no string: such a record fails.',
    ),
  keyDeserializer: deserializer().default('string').describe('What the header CamelKafkaKey is: string or bytes.'),
  headerDeserializer: oneOf(['bytes', 'string']).default('bytes').describe('What the headers of a record are.'),
  maxInFlight: integer({ min: 1 })
    .default(1)
    .describe(
      'Exchanges of one partition that are under way at a time. More than 1 gives up their order; the position never passes one that is not done.',
    ),
  batching: flag()
    .default(false)
    .describe('One exchange for several records of a partition; its body is a list of exchanges, one for each.'),
  maxPollRecords: integer({ min: 1 })
    .default(500)
    .describe('With batching: how many records one exchange has at most.'),
  batchingIntervalMs: integer({ min: 0 })
    .default(0)
    .describe(
      'With batching: how long a batch that is not full waits for more, milliseconds. With 0 it is what is there.',
    ),
  autoCommitEnable: flag()
    .default(true)
    .describe('What is done is committed to the group: in order, never past a record that is not done.'),
  autoCommitIntervalMs: integer({ min: 1 })
    .default(5_000)
    .describe('How often, milliseconds. When partitions move and at the end it is done as well.'),
  allowManualCommit: flag()
    .default(false)
    .describe('The route commits, by the header CamelKafkaManualCommit. Needs autoCommitEnable=false.'),
  commitTimeoutMs: duration({ min: 0 })
    .default(5_000)
    .describe('How long the end of a route waits for its last commit.'),
  failedRecord: oneOf(['pause', 'stop', 'pass', 'deadLetter'])
    .default('pause')
    .describe(
      'A record whose exchange failed, after the error handler. pause: it is tried again, with pauses, and its partition waits. stop: the consumer leaves the group. pass: it is logged and passed over, as in Camel. deadLetter: it is written to deadLetterTopic.',
    ),
  failedRecordDelay: duration({ min: 1 })
    .default(1_000)
    .describe('Pause before a failed record is tried again; doubles with each time.'),
  failedRecordMaxDelay: duration({ min: 1 })
    .default(60_000)
    .describe('Longest pause before a failed record is tried again.'),
  deadLetterTopic: text()
    .optional()
    .describe(
      'For failedRecord=deadLetter: where failed records go, as they are, with headers that say whence and why.',
    ),
  fetchMaxBytes: integer({ min: 1 })
    .default(1_048_576)
    .describe(
      'Bytes that one answer of a broker has at most; a larger record still comes. Camel: 52428800, which takes the client 7 times longer per record and hundreds of MB.',
    ),
  maxPartitionFetchBytes: integer({ min: 1 })
    .default(1_048_576)
    .describe('Of that, bytes of one partition. About twice as much of each partition is held in memory.'),
  fetchMinBytes: integer({ min: 1 })
    .default(1)
    .describe('A broker answers when it has so many bytes, or fetchWaitMaxMs has passed.'),
  fetchWaitMaxMs: integer({ min: 0 }).default(500).describe('How long a broker waits for fetchMinBytes, milliseconds.'),
  sessionTimeoutMs: integer({ min: 1 })
    .default(45_000)
    .describe('A member that has not been heard of for so long is out of the group, milliseconds.'),
  heartbeatIntervalMs: integer({ min: 1 })
    .default(3_000)
    .describe('How often a member is heard of, milliseconds. At most a third of sessionTimeoutMs.'),
  maxPollIntervalMs: duration({ min: 1 })
    .default(300_000)
    .describe(
      'When partitions move, members that take longer to join are out of the group. A member is not put out for a slow route: its heartbeats go on.',
    ),
})
