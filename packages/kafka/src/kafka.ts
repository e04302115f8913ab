import {
  DromedaryError,
  defineComponent,
  type Endpoint,
  type EndpointAt,
  type EndpointComponent,
  messageOf,
  type RouteEntry,
} from '@dromedary/core/component'
import { type OpenClient, openClient } from './client/open.ts'
import { Connections } from './connections.ts'
import { KafkaConsumer } from './consumer/kafka-consumer.ts'
import { type Subscription, subscription } from './consumer/topics.ts'
import { connectionSettings } from './options/connection-settings.ts'
import { refused } from './options/refused.ts'
import { type KafkaOptions, type KafkaSettings, kafkaSchema } from './options/schema.ts'
import { checkTopic, kafkaProducer } from './producer/producer.ts'
import { isTopic } from './producer/records.ts'
import { type OpenTransactions, openTransactions, TransactedEndpoints } from './transacted.ts'

/** The type of {@link kafka}. */
export interface KafkaComponent extends EndpointComponent<'kafka', [topic: string], KafkaOptions, unknown> {}

/** The component on a certain client; tests give it another one. */
export function kafkaComponent(open: OpenClient, transact: OpenTransactions = openTransactions): KafkaComponent {
  return defineComponent({
    scheme: 'kafka',
    title: 'Writes records to a topic of Apache Kafka, and reads them as a member of a consumer group.',
    syntax: 'topic',
    path: {
      topic:
        'Name of the topic. To consume also several, separated by commas, or with topicIsPattern a regular expression.',
    },
    options: kafkaSchema,
    refused,
    consumes: true,
    produces: true,
    endpoint: at => connect(at, open, transact),
  })
}

/**
 * `kafka:topic` writes each exchange as a record, and reads records as exchanges. Where the brokers are, and as whom, is
 * said once: `kafka({ brokers: 'kafka1:9092' })`, or by properties `kafka.brokers` and so on; options of an endpoint win.
 * The client is imported when an endpoint is first used. Camel: camel-kafka.
 */
export const kafka: KafkaComponent = kafkaComponent(openClient)

function connect(
  at: EndpointAt<{ topic: string }, KafkaSettings>,
  open: OpenClient,
  transact: OpenTransactions,
): Endpoint {
  const { uri, options: settings, init } = at
  const { topic } = at.path
  const connection = connectionSettings(settings, init.context, uri)
  const connections = init.once('connections', () => new Connections(init.context, open))
  const transacted = init.once('transacted', () => new TransactedEndpoints(init.context, transact))
  const plan = { uri, topic, settings, connection, connections }
  return {
    uri,
    warmUp: async () => {
      await connections.client(connection)
    },
    producer: () => {
      checkTopic(plan)
      return settings.transacted ? transacted.producer(plan) : kafkaProducer(plan)
    },
    resumeStrategy: (routeId: string) => {
      checkTopic(plan)
      return transacted.resumeStrategy(plan, routeId)
    },
    consumer: (entry: RouteEntry) => {
      const groupId = settings.groupId ?? init.context.property('kafka.groupId')
      if (groupId === undefined) throw noGroup(uri)
      return new KafkaConsumer(entry, { ...plan, groupId, subscription: subscriptionOf(topic, settings, uri) })
    },
  }
}

function subscriptionOf(topic: string, { topicIsPattern }: KafkaSettings, uri: string): Subscription {
  try {
    const wanted = subscription(topic, topicIsPattern)
    const bad = wanted.names.find(name => !isTopic(name))
    if (bad === undefined) return wanted
    throw new DromedaryError('DROMEDARY_INVALID_URI', `"${bad}" is no name of a topic, in ${uri}`)
  } catch (error) {
    if (error instanceof DromedaryError) throw error
    throw new DromedaryError(
      'DROMEDARY_INVALID_URI',
      `"${topic}" is no regular expression, in ${uri}: ${messageOf(error)}`,
    )
  }
}

const noGroup = (uri: string) =>
  new DromedaryError(
    'DROMEDARY_INVALID_OPTION',
    `kafka option groupId is required to consume from ${uri}: the group keeps the position, and its members share the partitions`,
  )
