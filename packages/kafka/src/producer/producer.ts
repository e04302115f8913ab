import { DromedaryError, type Exchange, type Producer } from '@dromedary/core/component'
import type { ConnectionSettings } from '../client/connection.ts'
import type { Connections, HeldSender } from '../connections.ts'
import type { KafkaSettings } from '../options/schema.ts'
import { isTopic, OUT, recordMaker } from './records.ts'
import type { SenderSettings } from './sender.ts'

/** What a producer is made from. */
export interface ProducerPlan {
  /** Secrets masked. */
  readonly uri: string
  readonly topic: string
  readonly settings: KafkaSettings
  readonly connection: ConnectionSettings
  readonly connections: Connections
}

/** Writes each exchange, and goes on when the broker has answered. */
export function kafkaProducer(plan: ProducerPlan): Producer {
  const { topic, settings, connection, connections } = plan
  const toRecords = recordMaker({
    ...settings,
    topic,
    uri: plan.uri,
    key: settings.key,
    partitionKey: settings.partitionKey,
  })
  let held: HeldSender | undefined
  const { recordMetadata } = settings
  const sender = () => {
    if (held === undefined) throw new DromedaryError('DROMEDARY_INVALID_STATE', `${plan.uri} has not been started`)
    return held.sender
  }
  return {
    external: true,
    start: () => {
      held = connections.hold(connection, senderSettings(settings))
    },
    warmUp: signal => sender().warmUp(topic, signal),
    send: exchange => {
      const records = toRecords(exchange)
      if (records.length === 0) return
      const sent = sender().send(exchange, records, recordMetadata)
      return (recordMetadata ? sent.then(metadata => told(exchange, metadata)) : sent) as Promise<void>
    },
    close: () => held?.letGo(),
  }
}

/** Throws `DROMEDARY_INVALID_URI` for a topic that no broker accepts. */
export function checkTopic({ topic, uri }: { readonly topic: string; readonly uri: string }): void {
  if (isTopic(topic)) return
  const why = topic.includes(',') ? 'a producer writes to one topic' : 'letters, digits, dots, dashes and underscores'
  throw new DromedaryError('DROMEDARY_INVALID_URI', `"${topic}" is no name of a topic to write to: ${why}, in ${uri}`)
}

export function senderSettings(settings: KafkaSettings): SenderSettings {
  const { requestRequiredAcks: acks } = settings
  return {
    acks: acks === '1' ? 'one' : acks === '0' ? 'none' : 'all',
    idempotent: settings.enableIdempotence,
    compression: settings.compressionCodec,
    lingerMs: settings.lingerMs,
    batchBytes: settings.producerBatchSize,
    ignoreKeys: settings.partitionerIgnoreKeys,
    maxPendingRecords: settings.maxPendingRecords,
    maxPendingBytes: settings.bufferMemorySize,
    deliveryTimeoutMs: settings.deliveryTimeoutMs,
  }
}

function told(exchange: Exchange, metadata: unknown): void {
  exchange.message.setHeader(OUT.metadata, metadata)
}
