import { DromedaryError, Exchange, type Message } from '@dromedary/core/component'
import type { KafkaHeader, KafkaRecord } from '../client/port.ts'
import { lengthOf } from '../client/text-length.ts'
import { bytesOf, headersOut } from './headers-out.ts'

/** Names of the headers that Camel has for a record to be written. */
export const OUT = {
  key: 'CamelKafkaKey',
  partition: 'CamelKafkaPartitionKey',
  topic: 'CamelKafkaOverrideTopic',
  timestamp: 'CamelKafkaOverrideTimestamp',
  metadata: 'CamelKafkaRecordMeta',
} as const

/** What an endpoint says of its records. */
export interface RecordRules {
  /** Secrets masked. */
  readonly uri: string
  readonly topic: string
  readonly key: string | undefined
  readonly partitionKey: number | undefined
  readonly useIterator: boolean
  readonly batchWithIndividualHeaders: boolean
  readonly maxRequestSize: number
}

/** Besides key, value and headers, a record takes at most about so many bytes. */
const OVERHEAD = 32
/** What brokers accept. */
const TOPIC = /^[\w.-]{1,249}$/

/**
 * What an exchange sends: one record, or one for each element of a list. Takes the header `CamelKafkaOverrideTopic` off,
 * as Camel does. Throws `DROMEDARY_KAFKA_RECORD` for what is no record.
 */
export function recordMaker(rules: RecordRules): (exchange: Exchange) => readonly KafkaRecord[] {
  const fixedKey = rules.key === undefined ? undefined : Buffer.from(rules.key)
  return exchange => {
    const { message } = exchange
    const topic = overriddenTopic(message, rules)
    const { body } = message
    if (!isList(body)) return Array.of(record(exchange, message, body, topic))
    if (!rules.useIterator) throw refused(rules, 'the body is a list, and useIterator is off')
    const records: KafkaRecord[] = []
    for (const element of body) {
      if (rules.batchWithIndividualHeaders && (element instanceof Exchange || isMessage(element))) {
        const own = element instanceof Exchange ? element.message : element
        records.push(record(exchange, own, own.body, overriddenTopic(own, rules, topic)))
      } else {
        records.push(record(exchange, message, element instanceof Exchange ? element.body : element, topic))
      }
    }
    return records
  }

  function record(exchange: Exchange, message: Message, body: unknown, topic: string): KafkaRecord {
    const value = valueBytes(body, rules)
    const key = fixedKey ?? keyOf(message, rules)
    const partition = rules.partitionKey ?? partitionOf(message, rules)
    const timestamp = timestampOf(message, rules)
    const headers = headersOut(exchange, message)
    const size = sizeOf({ topic, key, value, headers })
    if (size > rules.maxRequestSize) {
      throw refused(rules, `a record of ${size} bytes is larger than maxRequestSize (${rules.maxRequestSize})`)
    }
    return new OutgoingRecord(topic, partition, key, value, headers, timestamp, size)
  }
}

/** Made by `new`, and the list of a single one by `Array.of`: decision 16 says why not by literals. */
class OutgoingRecord implements KafkaRecord {
  readonly topic: string
  readonly partition: number | undefined
  readonly key: Buffer | string | undefined
  readonly value: Buffer | string | null
  readonly headers: readonly KafkaHeader[] | undefined
  readonly timestamp: bigint | undefined
  readonly size: number

  constructor(
    topic: string,
    partition: number | undefined,
    key: Buffer | string | undefined,
    value: Buffer | string | null,
    headers: readonly KafkaHeader[] | undefined,
    timestamp: bigint | undefined,
    size: number,
  ) {
    this.topic = topic
    this.partition = partition
    this.key = key
    this.value = value
    this.headers = headers
    this.timestamp = timestamp
    this.size = size
  }
}

/** About how many bytes a record takes before it is compressed. */
export function sizeOf({ key, value, headers, size: known }: KafkaRecord): number {
  if (known !== undefined) return known
  let size = OVERHEAD + lengthOf(key) + lengthOf(value)
  if (headers !== undefined) for (const header of headers) size += headerSize(header)
  return size
}

function headerSize([name, value]: KafkaHeader): number {
  return name.length + (value?.length ?? 0) + 4
}

function isList(body: unknown): body is Iterable<unknown> {
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) return false
  return Array.isArray(body) || body instanceof Set
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'body' in value && 'getMandatoryBody' in value
}

function valueBytes(body: unknown, rules: RecordRules): Buffer | string | null {
  if (body === null || body === undefined || typeof body === 'string') return body ?? null
  const bytes = bytesOf(body)
  if (bytes !== undefined) return bytes
  throw refused(rules, `the body is ${describe(body)}: make text or bytes of it, such as with marshal().json()`)
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  const { name } = value.constructor ?? {}
  return name === undefined || name === 'Object' ? 'an object' : `an object of ${name}`
}

function keyOf(message: Message, rules: RecordRules): Buffer | string | undefined {
  const key = message.header(OUT.key)
  if (key === undefined || key === null) return undefined
  if (typeof key === 'string') return key
  const bytes = bytesOf(key)
  if (bytes === undefined) throw refused(rules, `the header ${OUT.key} is ${describe(key)}, not a text or bytes`)
  return bytes
}

function partitionOf(message: Message, rules: RecordRules): number | undefined {
  const given = message.header(OUT.partition)
  if (given === undefined || given === null) return undefined
  const partition = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
  if (typeof partition === 'number' && Number.isSafeInteger(partition) && partition >= 0) return partition
  throw refused(rules, `the header ${OUT.partition} is "${String(given)}", not the number of a partition`)
}

function timestampOf(message: Message, rules: RecordRules): bigint | undefined {
  const given = message.header(OUT.timestamp)
  if (given === undefined || given === null) return undefined
  const ms = given instanceof Date ? given.getTime() : Number(given)
  if (Number.isSafeInteger(ms) && ms >= 0) return BigInt(ms)
  throw refused(rules, `the header ${OUT.timestamp} is "${String(given)}", not milliseconds since 1970`)
}

function overriddenTopic(message: Message, rules: RecordRules, otherwise: string = rules.topic): string {
  const given = message.header(OUT.topic)
  if (given === undefined || given === null) return otherwise
  message.removeHeader(OUT.topic)
  if (typeof given === 'string' && isTopic(given)) return given
  throw refused(rules, `the header ${OUT.topic} is no name of a topic: letters, digits, dots, dashes and underscores`)
}

/** Whether brokers would accept a topic of this name. */
export function isTopic(name: string): boolean {
  return TOPIC.test(name) && name !== '.' && name !== '..'
}

function refused({ uri }: RecordRules, why: string): DromedaryError {
  return new DromedaryError('DROMEDARY_KAFKA_RECORD', `nothing was sent to ${uri}: ${why}`)
}
