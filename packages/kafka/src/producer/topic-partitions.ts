import { type Clock, sleep } from '@dromedary/core/component'
import { backOff } from '../client/back-off.ts'
import type { PortProducer } from '../client/port.ts'

/** What learning of a topic takes. */
export interface TopicOffice {
  readonly clock: Clock
  readonly random: () => number
  readonly metadataMaxAgeMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly producer: () => Promise<PortProducer>
  /** A try failed. */
  readonly troubled: (error: unknown) => void
  /** It will fail again, whatever the time. */
  readonly isFinal: (error: unknown) => boolean
}

/** How many partitions a topic has; asked for anew now and then. */
export class TopicPartitions {
  readonly #topic: string
  readonly #office: TopicOffice
  #askedAt = Number.NEGATIVE_INFINITY
  /** 0 before the first answer. */
  count = 0

  constructor(topic: string, office: TopicOffice) {
    this.#topic = topic
    this.#office = office
  }

  /**
   * The producer, once the topic is known: tries until then, as long as anybody waits for it. Undefined where nobody
   * does any more. Rejects for what will fail again.
   */
  async known(isWanted: () => boolean, signal: AbortSignal): Promise<PortProducer | undefined> {
    const { clock, random, retryBackoffMs, retryBackoffMaxMs, isFinal, troubled } = this.#office
    for (let attempt = 1; isWanted(); attempt++) {
      try {
        return await this.#ask()
      } catch (error) {
        if (isFinal(error)) throw error
        troubled(error)
        await sleep(clock, backOff(attempt, retryBackoffMs, retryBackoffMaxMs, random), signal)
      }
    }
    return undefined
  }

  async #ask(): Promise<PortProducer> {
    const { clock, metadataMaxAgeMs } = this.#office
    const producer = await this.#office.producer()
    if (this.count > 0 && clock.monotonic() - this.#askedAt < metadataMaxAgeMs) return producer
    const count = await producer.partitions(this.#topic)
    if (count === 0) throw new Error(`the topic ${this.#topic} has no partitions`)
    this.count = count
    this.#askedAt = clock.monotonic()
    return producer
  }
}
