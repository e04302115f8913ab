import type * as Kafka from '@platformatic/kafka'
import type { KafkaRecord } from '../port.ts'
import { batchAround, encodeRecords, finishBatch, recordsIn } from './record-batch.ts'
import { Sequences } from './sequences.ts'
import { type Answered, type Send, toLeaders } from './to-leaders.ts'

type Client = Kafka.Producer<Buffer, Buffer, Buffer, Buffer>
type Message = Kafka.MessageToProduce<Buffer, Buffer, Buffer, Buffer>
type Writer = Kafka.Writer

/** A request as the client has it, in the version that it and the broker agree on. */
interface Api {
  (connection: Kafka.Connection, ...args: unknown[]): void
  readonly version: number
}

type GetApi = (name: string, callback: (error: Error | null, api?: Api) => void) => void

/** From this version on lengths are compact, and there may be tagged fields. */
const COMPACT = 9
const PRODUCE = 0

/** Records of one partition, in their order, as one message of the client: it would handle each of them on its own. */
export function asMessage(topic: string, partition: number, records: readonly KafkaRecord[]): Message {
  return { topic, partition, value: records as unknown as Buffer }
}

/**
 * Lets a producer write requests its own way, whatever it decides besides, such as where to and when again.
 *
 * What is sent is made by {@link asMessage}. For the client that is one message, and it counts it as one; the numbers by
 * which a broker knows what it has got already are given here. And it asks for partitions of a
 * transaction as clients do: in the newest version that it knows and the broker has, from 4 on, only brokers may, and
 * where rights are checked every transaction would be refused. `again` is asked before an initialisation is repeated.
 */
export function withOwnRequests<P extends Client>(
  producer: P,
  library: typeof Kafka,
  again: () => Promise<void> = () => Promise.resolve(),
): P {
  const { kGetApi, addPartitionsToTxnV3 } = library
  const methods = producer as unknown as Record<symbol, GetApi>
  const getApi = methods[kGetApi]?.bind(producer)
  const sequences = new Sequences()
  let initialisations = 0
  methods[kGetApi] = (name, callback) => {
    if (name === 'InitProducerId' && initialisations++ > 0) again().then(() => getApi?.(name, callback), callback)
    else if (name === 'AddPartitionsToTxn') callback(null, addPartitionsToTxnV3.api as unknown as Api)
    else if (name !== 'Produce') getApi?.(name, callback)
    else {
      getApi?.(name, (error, api) =>
        api ? callback(null, produceApi(library, producer, api, sequences)) : callback(error),
      )
    }
  }
  return producer
}

/** What the client says of a request. */
interface ProduceOptions {
  readonly transactionalId?: string
  readonly producerId?: bigint
  readonly producerEpoch?: number
  /** There if the broker is to know what it has got already. */
  readonly sequences?: ReadonlyMap<string, number>
  readonly compression?: Kafka.CompressionAlgorithmValue
}

interface Part {
  readonly topic: string
  readonly partition: number
  readonly value: readonly KafkaRecord[]
}

/** What goes to one partition. */
interface Placed extends Part {
  /** What it is known by when it is tried again. */
  readonly first: readonly KafkaRecord[]
}

/** One batch for each partition: where a topic has fewer than before, the client sends to others, and a broker takes the last. */
function placed(parts: readonly Part[]): readonly Placed[] {
  const groups = Map.groupBy(parts, ({ topic, partition }) => `${topic}:${partition}`)
  return [...groups.values()].flatMap(([part, ...more]) => {
    if (part === undefined) return []
    const value = more.length === 0 ? part.value : [part, ...more].flatMap(({ value }) => value)
    return { topic: part.topic, partition: part.partition, value, first: part.value }
  })
}

function produceApi(library: typeof Kafka, producer: Client, { version }: Api, sequences: Sequences): Api {
  const { parseResponse } = (library as unknown as Record<string, { parseResponse: never }>)[`produceV${version}`] ?? {}
  const isCompact = version >= COMPACT
  const send = (connection: Kafka.Connection, ...args: unknown[]) => {
    const [acks, timeout, messages, options, callback] = args as [number, number, Part[], ProduceOptions, Answered]
    const write = (parts: readonly Placed[], batches: readonly Buffer[]): Writer => {
      const writer = library.Writer.create().appendString(options.transactionalId, isCompact)
      writer.appendInt16(acks).appendInt32(timeout)
      const byTopic = [...Map.groupBy(parts.entries(), ([, { topic }]) => topic)]
      const partition = (_: Writer, [at, part]: [number, Part]) => {
        const batch = batches[at] as Buffer
        writer.appendInt32(part.partition).appendBytes(batch, isCompact)
      }
      const topic = (_: Writer, [name, entries]: [string, [number, Part][]]) =>
        writer.appendString(name, isCompact).appendArray(entries, partition, isCompact, isCompact)
      writer.appendArray(byTopic, topic, isCompact, isCompact)
      if (isCompact) writer.appendTaggedFields()
      if (acks === library.ProduceAcks.NO_RESPONSE) writer.context.noResponse = true
      return writer
    }
    const request = (parts: readonly Placed[]): Writer | Promise<Writer> => {
      const batches = parts.map(part => batchOf(library, part, options, sequences))
      return batches.every(Buffer.isBuffer)
        ? write(parts, batches)
        : Promise.all(batches).then(all => write(parts, all))
    }
    const toLeader: Send<Placed> = (to, parts, answered) =>
      to.send(
        PRODUCE,
        version,
        () => request(parts) as Writer,
        parseResponse as never,
        isCompact,
        isCompact,
        answered as never,
      )
    toLeaders(library, producer, toLeader)(connection, placed(messages), callback)
  }
  return Object.assign(send, { version })
}

function batchOf(
  library: typeof Kafka,
  { topic, partition, value: records, first }: Placed,
  options: ProduceOptions,
  sequences: Sequences,
): Buffer | Promise<Buffer> {
  const now = Date.now()
  const { producerId = -1n, producerEpoch = 0, compression = 'none' } = options
  const isCounted = options.sequences !== undefined
  const algorithm = library.compressionsAlgorithms[compression]
  const settings = {
    producerId,
    producerEpoch,
    sequence: isCounted
      ? sequences.of(`${producerId}:${producerEpoch}`, `${topic}:${partition}`, first, records.length)
      : 0,
    isTransactional: options.transactionalId !== undefined,
    now,
    // Bytes of its own the library copies before it works out their sum.
    crc32c: (bytes: Buffer) => library.crc32c(library.Writer.create().append(bytes).dynamicBuffer as never),
    compression: algorithm.bitmask,
  }
  const bytes = encodeRecords(records, now)
  if (compression === 'none') return finishBatch(bytes, records, settings)
  const compressed = (recordBytes: Buffer) => finishBatch(batchAround(recordBytes), records, settings)
  return 'compress' in algorithm
    ? algorithm.compress(recordsIn(bytes)).then(compressed)
    : compressed(algorithm.compressSync(recordsIn(bytes)))
}
