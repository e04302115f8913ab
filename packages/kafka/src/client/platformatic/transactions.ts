import type * as Kafka from '@platformatic/kafka'
import type { TransactionalProducer, Transactions } from '../../session/port.ts'
import { withOwnRequests } from './own-requests.ts'
import { type Look, type Make, NoPartitionError, TransactingProducer } from './transacting-producer.ts'

type Library = typeof Kafka & typeof import('./failures.ts') & typeof import('./open-transactions.ts')

export interface TransactionOptions {
  /**
   * The broker aborts a transaction that is open for longer, in milliseconds. Until then it hides what comes after it from
   * readers of committed data. A request that takes longer is given up.
   */
  readonly transactionTimeout: number
  readonly compression?: Kafka.CompressionAlgorithmValue
}

/** Of the topic of positions, where it has to be made: a route writes to one of them. */
const POSITION_PARTITIONS = 16
/** How often a request that the broker answers with "not yet" is repeated: for about two seconds. */
const RETRIES = 40

/** Records that no later attempt gets in. */
const REFUSED = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
]

/** Transactions by `@platformatic/kafka`, which is imported when they are first used. `base` is what connects: brokers, TLS, SASL. */
export class PlatformaticTransactions implements Transactions {
  readonly #base: () => Promise<Kafka.BaseOptions>
  readonly #options: TransactionOptions
  #library: Library | undefined

  constructor(base: () => Promise<Kafka.BaseOptions>, options: TransactionOptions) {
    this.#base = base
    this.#options = options
  }

  async warmUp(): Promise<void> {
    await this.#load()
  }

  producer(transactionalId: string, again?: () => Promise<void>): TransactionalProducer {
    const { transactionTimeout, compression } = this.#options
    const look: Look = async (client, places) => {
      const library = await this.#load()
      return library.openTransaction(library, client, places)
    }
    const make: Make = async mayRepeat => {
      const library = await this.#load()
      const { Producer, ProduceAcks } = library
      const client = new Producer({
        ...(await this.#base()),
        transactionalId,
        idempotent: true,
        autocreateTopics: true,
        acks: ProduceAcks.ALL,
        // Else the client asks with id 0 and epoch 0, and a predecessor is not fenced but this producer refused.
        producerId: -1n,
        producerEpoch: -1,
        timeout: transactionTimeout,
        retries: RETRIES,
        // After each commit the broker is busy with it for a few milliseconds.
        retryDelay: (_client, _operation, attempt) => Math.min(100, 3 * attempt),
        ...(compression !== undefined && { compression }),
      } as Kafka.ProducerOptions<Buffer, Buffer, Buffer, Buffer> & { producerId: bigint; producerEpoch: number })
      return withOwnRequests(client, library, mayRepeat)
    }
    return new TransactingProducer(transactionTimeout, make, look, again)
  }

  isFenced(error: unknown): boolean {
    return this.#has(error, ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH'])
  }

  isRefused(error: unknown): boolean {
    if (error instanceof NoPartitionError || this.#has(error, REFUSED)) return true
    return this.#library?.kindOf(error) === 'unknown-topic'
  }

  explain(error: unknown): string {
    return this.#library?.explain(error) ?? String(error)
  }

  async makePositions(topic: string): Promise<void> {
    const { findErrorBy } = await this.#load()
    await this.#administer(async admin => {
      try {
        await admin.createTopics({
          topics: [topic],
          partitions: POSITION_PARTITIONS,
          replicas: -1,
          configs: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'segment.ms', value: '600000' },
            { name: 'min.cleanable.dirty.ratio', value: '0.1' },
          ],
        })
      } catch (error) {
        if (!findErrorBy(error as Error, 'apiId', 'TOPIC_ALREADY_EXISTS')) throw error
      }
    })
  }

  async cleanupPolicy(topic: string): Promise<string | undefined> {
    const { ConfigResourceTypes } = await this.#load()
    const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }
    try {
      return await this.#administer(async admin => {
        const resources = [{ ...resource, configurationKeys: ['cleanup.policy'] }]
        const [config] = await admin.describeConfigs({ resources })
        return config?.configs.find(({ name }) => name === 'cleanup.policy')?.value ?? undefined
      })
    } catch (error) {
      if (this.#has(error, ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'])) return undefined
      throw error
    }
  }

  async #administer<T>(work: (admin: Kafka.Admin) => Promise<T>): Promise<T> {
    const { Admin } = await this.#load()
    const admin = new Admin({ ...(await this.#base()), retries: 3, retryDelay: 100 })
    try {
      return await work(admin)
    } finally {
      void admin.close().catch(() => {})
    }
  }

  #has(error: unknown, ids: readonly string[]): boolean {
    const library = this.#library
    return library !== undefined && error instanceof Error && ids.some(id => library.has(error, id))
  }

  async #load(): Promise<Library> {
    this.#library ??= {
      ...(await import('@platformatic/kafka')),
      ...(await import('./failures.ts')),
      ...(await import('./open-transactions.ts')),
    }
    return this.#library
  }
}
