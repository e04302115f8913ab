import type * as Kafka from '@platformatic/kafka'
import { partitionOf } from '../../producer/murmur2.ts'
import type { TransactionalProducer } from '../../session/port.ts'
import type { KafkaRecord } from '../port.ts'
import type { OpenTransaction, Place } from './open-transactions.ts'
import { asMessage } from './own-requests.ts'

type Client = Kafka.Producer<Buffer, Buffer, Buffer, Buffer>
type Transaction = NonNullable<Client['transaction']>

/** The client would write such a record to another partition, or throw where nobody catches it for a topic of Kafka's own. */
export class NoPartitionError extends Error {
  constructor({ topic, partition = 0 }: KafkaRecord, partitions: number) {
    super(`nobody may write to partition ${partition} of the topic ${topic}: it has ${partitions}`)
  }
}

/**
 * A broker has lost the end of a transaction of a predecessor, and readers of committed data wait for it. The end of the next
 * one of the same producer would commit both.
 */
export class LostEndError extends Error {
  constructor({ topic, partition, startOffset }: OpenTransaction) {
    super(
      `a transaction of a predecessor is open on partition ${partition} of ${topic}, from offset ${startOffset} on: the brokers have lost its end, and would commit it with whatever is written there next. End it by kafka-transactions.sh abort --topic ${topic} --partition ${partition} --start-offset ${startOffset}`,
    )
  }
}

/** Looks for transactions of this producer that are open on these partitions. */
export type Look = (client: Client, places: readonly Place[]) => Promise<OpenTransaction | undefined>

/** `again`: before an initialisation is repeated. */
export type Make = (again: () => Promise<void>) => Promise<Client>

/** One producer of the client, and its transaction. */
export class TransactingProducer implements TransactionalProducer {
  readonly #withinMs: number
  readonly #make: Make
  readonly #look: Look | undefined
  readonly #again: () => Promise<void>
  /** Why the initialisation was not repeated. */
  #turnedAway: unknown
  /** Where nothing is open that another one began. */
  readonly #clean = new Set<string>()
  #client: Promise<Client> | undefined
  #transaction: Transaction | undefined
  /** Something was sent in it: before that the broker knows nothing of it, and it may be used again. */
  #used = false
  #closed = false
  /** Settles with the call that is under way, or when that is given up. */
  #underWay: Promise<unknown> = Promise.resolve()
  /** A call was given up and may still be tried: the client breaks when its transaction ends under it. */
  #isStuck = false
  #calls = 0
  #sends = 0

  /** `withinMs`: a call that takes longer is given up; the client itself goes on trying for many times its time-out. */
  constructor(withinMs: number, make: Make, look?: Look, again: () => Promise<void> = () => Promise.resolve()) {
    this.#withinMs = withinMs
    this.#make = make
    this.#look = look
    this.#again = again
  }

  get isBusy(): boolean {
    return this.#calls > 0
  }

  begin(): Promise<void> {
    if (this.#transaction && !this.#used) return Promise.resolve()
    return this.#within('init', async () => {
      this.#client ??= this.#make(() => this.#mayRepeat())
      const client = await this.#client
      // The broker must not hear of a producer that was given up meanwhile.
      if (this.#closed) throw new Error('the producer is closed')
      try {
        this.#transaction = await client.beginTransaction()
      } catch (error) {
        throw this.#turnedAway ?? error
      }
      this.#used = false
    })
  }

  send(records: readonly KafkaRecord[], isClean = false): Promise<void> {
    return this.#within('send', async () => {
      const transaction = this.#open()
      const messages = await this.#placed(records)
      await this.#lookAt(messages, isClean)
      this.#used = true
      await transaction.send({ messages })
    })
  }

  commit(): Promise<void> {
    return this.#within('commit', async () => {
      await this.#open().commit()
      this.#transaction = undefined
    })
  }

  async abort(): Promise<void> {
    if (!this.#used) return
    // An abort that overtakes a send would leave that send open.
    await this.#underWay.catch(() => {})
    const transaction = this.#transaction
    this.#transaction = undefined
    if (transaction && !this.#isStuck) await this.#within('abort', () => transaction.abort())
  }

  async close(): Promise<void> {
    this.#closed = true
    await (await this.#client)?.close(true)
  }

  /** The client must not try what is turned away. */
  async #mayRepeat(): Promise<void> {
    try {
      await this.#again()
    } catch (error) {
      this.#turnedAway = error
      throw Object.assign(new Error('the initialisation is not repeated', { cause: error }), { canRetry: false })
    }
  }

  #open(): Transaction {
    if (!this.#transaction) throw new Error('no transaction was begun')
    return this.#transaction
  }

  /** Before the first record for a partition. */
  async #lookAt(messages: readonly ReturnType<typeof asMessage>[], isClean: boolean): Promise<void> {
    const unseen = messages.filter(({ topic, partition }) => !this.#clean.has(`${topic}:${partition}`))
    if (unseen.length === 0) return
    const places = unseen.map(({ topic, partition = 0 }) => ({ topic, partition }))
    const open = isClean ? undefined : await this.#look?.((await this.#client) as Client, places)
    if (open) throw new LostEndError(open)
    for (const { topic, partition } of places) this.#clean.add(`${topic}:${partition}`)
  }

  /** One message of the client for each partition. Records without key and partition go to the same one, the next time to the next. */
  async #placed(records: readonly KafkaRecord[]) {
    const client = (await this.#client) as Client
    const byTopic = Map.groupBy(records, ({ topic }) => topic)
    const { topics } = await client.metadata({ topics: [...byTopic.keys()], autocreateTopics: true })
    const spread = this.#sends++
    return [...byTopic].flatMap(([topic, part]) => {
      const partitions = topics.get(topic)?.partitionsCount ?? 0
      const byPartition = Map.groupBy(part, record => {
        const { partition, key } = record
        if (partition === undefined && partitions > 0)
          return key === undefined ? spread % partitions : partitionOf(key, partitions)
        if ((partition ?? 0) >= partitions) throw new NoPartitionError(record, partitions)
        return partition ?? 0
      })
      return [...byPartition].map(([partition, placed]) => asMessage(topic, partition, placed))
    })
  }

  #within(what: string, call: () => Promise<void>): Promise<void> {
    this.#calls++
    const done = call()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#isStuck = true
        reject(new Error(`the brokers did not answer within ${this.#withinMs} ms (${what})`))
      }, this.#withinMs)
    })
    const either = Promise.race([done, late]).finally(() => clearTimeout(timer))
    const ended = () => {
      this.#calls--
    }
    done.then(ended, ended)
    this.#underWay = either
    either.catch(() => {})
    return either
  }
}
