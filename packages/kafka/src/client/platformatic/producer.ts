import * as library from '@platformatic/kafka'
import { type BaseOptions, ProduceAcks, Producer, type ProducerOptions } from '@platformatic/kafka'
import type { KafkaRecord, PortProducer, ProducerSettings, SendOutcome } from '../port.ts'
import { atMost } from './at-most.ts'
import { asMessage, withOwnRequests } from './own-requests.ts'
import { allWritten, someWritten } from './send-outcome.ts'

const CLOSE_MS = 1_000
const ACKS = { all: ProduceAcks.ALL, one: ProduceAcks.LEADER, none: ProduceAcks.NO_RESPONSE } as const

/** One object of the client, and what is under way on it. */
interface Generation {
  readonly producer: Producer<Buffer, Buffer, Buffer, Buffer>
  pending: number
  /** A call on it was given up: it is closed as soon as the others have ended, and not used again. */
  retired: boolean
}

/**
 * The client cannot give up a single call, and goes on trying for ever. So a call that was given up takes its producer
 * with it: later calls get another one, and the calls of other topics end in peace on the old one.
 */
export class PlatformaticProducer implements PortProducer {
  readonly #options: ProducerOptions<Buffer, Buffer, Buffer, Buffer>
  readonly #settings: ProducerSettings
  readonly #generations = new Set<Generation>()
  #current: Generation | undefined
  #closed = false

  constructor(base: BaseOptions, settings: ProducerSettings) {
    const { retryDelay } = base
    this.#settings = settings
    this.#options = {
      ...base,
      autocreateTopics: true,
      idempotent: settings.idempotent,
      acks: ACKS[settings.acks],
      compression: settings.compression,
      retries: Number.MAX_SAFE_INTEGER,
      retryDelay: (client, operation, attempt, retries, error) => {
        settings.onRetry(error)
        return typeof retryDelay === 'function' ? retryDelay(client, operation, attempt, retries, error) : 0
      },
    }
  }

  async partitions(topic: string): Promise<number> {
    const { producer } = this.#generation()
    const metadata = await producer.metadata({ topics: [topic], retries: 0 })
    return metadata.topics.get(topic)?.partitionsCount ?? 0
  }

  send(topic: string, records: ReadonlyMap<number, readonly KafkaRecord[]>, signal: AbortSignal): Promise<SendOutcome> {
    const partitions = [...records.keys()]
    const messages = [...records].map(([partition, part]) => asMessage(topic, partition, part))
    const generation = this.#generation()
    generation.pending++
    return new Promise(resolve => {
      const settle = (outcome: SendOutcome) => {
        signal.removeEventListener('abort', onAbort)
        if (--generation.pending === 0 && generation.retired) void this.#close(generation)
        resolve(outcome)
      }
      const onAbort = () => {
        this.#retire(generation)
        settle(someWritten(partitions, signal.reason as Error))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const { acks, compression } = this.#settings
      generation.producer.send({ messages, acks: ACKS[acks], compression }, (error, produced) => {
        if (signal.aborted) return
        settle(error ? someWritten(partitions, error) : allWritten(partitions, produced ?? {}))
      })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#current = undefined
    await Promise.all([...this.#generations].map(generation => this.#close(generation)))
  }

  #generation(): Generation {
    if (this.#closed) throw new Error('the Kafka producer is closed')
    if (this.#current === undefined) {
      // The client changes the object that it is given.
      const producer = withOwnRequests(new Producer({ ...this.#options }), library)
      this.#current = { producer, pending: 0, retired: false }
      this.#generations.add(this.#current)
    }
    return this.#current
  }

  #retire(generation: Generation): void {
    generation.retired = true
    if (this.#current === generation) this.#current = undefined
  }

  async #close(generation: Generation): Promise<void> {
    this.#generations.delete(generation)
    await atMost(CLOSE_MS, generation.producer.close())
  }
}
